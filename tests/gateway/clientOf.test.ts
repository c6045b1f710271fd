import { addressOf, clientOf } from '../../gateway/clientOf'
import { compileProxies } from '../../gateway/trustedProxies'
import { createClientRequest } from '../../lib/clientRequest'

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

const isTrusted = compileProxies(['10.0.0.0/8'])

test.each([
  ['no proxy', '192.0.2.1', undefined, '192.0.2.1'],
  ['somebody who says to be one', '192.0.2.1', '198.51.100.1', '192.0.2.1'],
  ['a proxy that is trusted', '10.0.0.1', '192.0.2.1', '192.0.2.1'],
  ['two of them', '10.0.0.1', '192.0.2.1, 10.0.0.2', '192.0.2.1'],
  ['one, of a client that names another address before', '10.0.0.1', '198.51.100.1, 192.0.2.1', '192.0.2.1'],
  ['one that says nothing', '10.0.0.1', '', '10.0.0.1'],
  ['one of a client within the network', '10.0.0.1', '10.0.0.9', '10.0.0.9'],
])('behind %s', (_, peer, forwardedFor, expected) => {
  expect(addressOf(peer, forwardedFor, isTrusted)).toBe(expected)
})

test('what a header says is kept short, however long it is', () => {
  expect(addressOf('10.0.0.1', 'x'.repeat(10_000), isTrusted)).toHaveLength(45)
  expect(addressOf('10.0.0.1', '10.0.0.2,'.repeat(10_000), isTrusted)).toBe('10.0.0.1')
})
