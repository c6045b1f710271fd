import { addressOf, compileProxies } from '../../../gateway/identity/trustedProxies'

const isTrusted = compileProxies(['10.0.0.0/8'])

test.each([
  ['no proxy', '192.0.2.1', undefined, '192.0.2.1'],
  ['somebody who says to be one', '192.0.2.1', '198.51.100.1', '192.0.2.1'],
  ['a proxy that is trusted', '10.0.0.1', '192.0.2.1', '192.0.2.1'],
  ['two of them', '10.0.0.1', '192.0.2.1, 10.0.0.2', '192.0.2.1'],
  ['one, of a client that names another address before', '10.0.0.1', '198.51.100.1, 192.0.2.1', '192.0.2.1'],
  ['one that says nothing', '10.0.0.1', '', '10.0.0.1'],
  ['one that writes ports', '10.0.0.1', '192.0.2.1:4711, 10.0.0.2:80', '192.0.2.1'],
  ['one that writes a port after IPv6', '10.0.0.1', '[2001:db8::9]:4711', '2001:db8::9'],
  ['one that writes brackets', '10.0.0.1', '[2001:db8::9]', '2001:db8::9'],
  ['one that writes IPv6 at length, and a zone', '10.0.0.1', '2001:0DB8:0:0::9%eth0', '2001:db8::9'],
  ['one that writes IPv4 as IPv6', '10.0.0.1', '::ffff:192.0.2.1, ::ffff:10.0.0.2', '192.0.2.1'],
  ['one that writes such an address in hexadecimal', '10.0.0.1', '[::FFFF:c000:201]:4711', '192.0.2.1'],
  ['one that knows no address', '10.0.0.1', 'unknown', 'unknown'],
  ['one at a dual-stack socket', '::ffff:10.0.0.1', '192.0.2.1', '192.0.2.1'],
  ['no proxy, at a dual-stack socket', '::ffff:192.0.2.1', undefined, '192.0.2.1'],
  ['one of a client within the network', '10.0.0.1', '10.0.0.9', '10.0.0.9'],
])('behind %s', (_, peer, forwardedFor, expected) => {
  expect(addressOf(peer, forwardedFor, isTrusted)).toBe(expected)
})

test('what a header says is kept short, however long it is', () => {
  expect(addressOf('10.0.0.1', 'x'.repeat(10_000), isTrusted)).toHaveLength(45)
  expect(addressOf('10.0.0.1', '10.0.0.2,'.repeat(10_000), isTrusted)).toBe('10.0.0.1')
})
