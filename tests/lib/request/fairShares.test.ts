import { FairShares } from '../../../lib/request/caller'
import { createClientRequest } from '../../../lib/request/clientRequest'

const request = (parts: object) =>
  createClientRequest({ id: '1', deadline: 0, address: '10.0.0.1', ...parts })

test('time is shared between clients, unless it is said to be between tenants', () => {
  const shares = new FairShares()
  const ofTenant = request({ subject: 'ann', context: { tenant: 'acme' } })
  expect([shares.senderOf(ofTenant), shares.senderOf(request({}))]).toEqual(['token ann', 'address 10.0.0.1'])
  shares.share({ by: 'tenant', weights: {} })
  expect([shares.senderOf(ofTenant), shares.senderOf(request({}))]).toEqual([
    'tenant acme',
    'address 10.0.0.1',
  ])
})

test('weights go by tenant, subject or address', () => {
  const shares = new FairShares()
  expect(shares.weightOf('token ann')).toBe(1)
  const weights = { acme: 4, ann: 3, '10.0.0.1': 2 }
  shares.share({ by: 'tenant', weights })
  expect(['tenant acme', 'token ann', 'address 10.0.0.1', 'token bob'].map(shares.weightOf)).toEqual([
    4, 3, 2, 1,
  ])
})

test.each([
  ['2001:db8::1', '2001:db8::1'],
  ['2001:DB8:0:0::1', '2001:db8::2:3'],
  ['2001:db8:0:7:0:0:0:1', '2001:db8:0:7::9'],
  ['::1', '::1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
])('the weight of %s is that of a client at %s', (address, of) => {
  const shares = new FairShares()
  shares.share({ by: 'client', weights: { [address]: 4 } })
  expect(shares.weightOf(shares.senderOf(request({ address: of })))).toBe(4)
  expect(shares.weightOf(shares.senderOf(request({ address: '2001:db8:1::1' })))).toBe(1)
})
