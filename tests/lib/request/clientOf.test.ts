import { clientOf } from '../../../lib/request/caller'
import { createClientRequest } from '../../../lib/request/clientRequest'

const of = (parts: { subject?: string | null; address?: string }) =>
  clientOf(createClientRequest({ id: '1', deadline: 0, ...parts }))

test('a client is the subject of its token, wherever it is, and else its address', () => {
  expect(of({ subject: 'ann', address: '192.0.2.1' })).toBe(of({ subject: 'ann', address: '192.0.2.2' }))
  expect(of({ subject: null, address: '192.0.2.1' })).toBe(of({ address: '192.0.2.1' }))
  expect(of({ address: '192.0.2.1' })).not.toBe(of({ address: '192.0.2.2' }))
  expect(of({ subject: '192.0.2.1' })).not.toBe(of({ address: '192.0.2.1' }))
  expect(of({})).toBe(of({ address: '' }))
})

test.each([
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff::7', true],
  ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ['2001:db8::1', '2001:db8:0:0:5::', true],
  ['2001:db8::1', '2001:db8:1::1', false],
  ['fe80::1%eth0', 'fe80::2%eth0', true],
  ['::1', '::2', true],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
])('%s and %s are the same client: %s', (one, other, isSame) => {
  expect(of({ address: one }) === of({ address: other })).toBe(isSame)
})
