import { compileProxies, loopbackNetworks, parseNetwork } from '../../../gateway/identity/trustedProxies'

it.each([
  ['10.0.0.7', true],
  ['10.0.0.8', false],
  ['192.168.3.4', true],
  ['192.169.0.1', false],
  ['::ffff:10.0.0.7', true],
  ['::ffff:10.0.0.8', false],
  ['2001:db8::1', true],
  ['2001:db9::1', false],
  ['', false],
  ['localhost', false],
])('%s: %s', (address, isTrusted) => {
  const isTrustedProxy = compileProxies(['10.0.0.7', '192.168.0.0/16', '2001:db8::/32'])
  expect(isTrustedProxy(address)).toBe(isTrusted)
})

it('this machine is 127.0.0.0/8 and ::1', () => {
  const isHere = compileProxies(loopbackNetworks)
  expect(['127.0.0.1', '127.8.0.1', '::1', '::ffff:127.0.0.1', '10.0.0.1', '::2'].map(isHere)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
  ])
})

it.each(['10.0.0', '10.0.0.0/33', '::1/129', '10.0.0.0/', '10.0.0.0/8/8', 'proxy', '10.0.0.0/-1', ''])(
  '%s is no network',
  (text) => expect(parseNetwork(text)).toBeUndefined(),
)
