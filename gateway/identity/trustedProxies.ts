import { BlockList, isIP, SocketAddress } from 'node:net'
import { memoizedUpTo } from '../../lib/memoized'

export const loopbackNetworks: readonly string[] = ['127.0.0.0/8', '::1']

/** Compiles addresses such as `10.0.0.7` and networks such as `10.0.0.0/8` to a test of a peer's address. */
export function compileProxies(addresses: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const address of addresses) {
    const { ip, prefix } = parseNetwork(address)!
    list.addSubnet(ip, prefix, family(ip))
  }
  // A dual-stack socket writes IPv4 peers as ::ffff:10.0.0.7, which BlockList understands.
  const isListed = (address: string) => isIP(address) !== 0 && list.check(address, family(address))
  // Remembered, because most requests come from a few peers and a look into the list is comparatively slow.
  return memoizedUpTo(maxKnown, isListed)
}

const maxKnown = 1000

/** Undefined for text that is neither an address nor a network. */
export function parseNetwork(text: string): { readonly ip: string; readonly prefix: number } | undefined {
  const [ip, bits, ...more] = text.split('/')
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(ip)] ?? -1
  if (longest === -1 || more.length > 0) return undefined
  if (bits === undefined) return { ip, prefix: longest }
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > longest) return undefined
  return { ip, prefix: Number(bits) }
}

function family(ip: string): 'ipv4' | 'ipv6' {
  return isIP(ip) === 6 ? 'ipv6' : 'ipv4'
}

/**
 * The client's address, given the address of its peer. If the peer is a trusted proxy, that is the last address of
 * `x-forwarded-for` that does not belong to a trusted proxy. Each address has one form, without a port, so that a client
 * is the same one on every connection: some proxies write the port, and dual-stack sockets write IPv4 as IPv6.
 */
export function addressOf(
  peer: string,
  forwardedFor: string | readonly string[] | undefined,
  isTrustedProxy: (address: string) => boolean,
): string {
  if (typeof forwardedFor !== 'string' || !isTrustedProxy(peer)) return withoutMapping(peer)
  const hops = forwardedFor
    .slice(-maxHops * (maxHopLength + 2))
    .split(',')
    .slice(-maxHops)
  let address = withoutMapping(peer)
  for (let i = hops.length - 1; i >= 0 && isTrustedProxy(address); i--) {
    const hop = hops[i].trim().slice(0, maxHopLength)
    if (hop === '') break
    address = addressIn(hop)
  }
  return address
}

/** The address of a hop such as `192.0.2.1:4711` or `[2001:db8::9]:4711`. A hop without one stays as it is, but short. */
function addressIn(hop: string): string {
  const [, ipv4, ipv6] = withPort.exec(hop) ?? []
  const [address] = (ipv4 ?? ipv6 ?? hop).split('%')
  const version = isIP(address)
  if (version === 0) return hop.slice(0, maxLength)
  return version === 4 ? address : withoutMapping(new SocketAddress({ address, family: 'ipv6' }).address)
}

const withPort = /^([\d.]+):\d+$|^\[([^\]]*)\](?::\d+)?$/

/** An address as the kernel writes it, but IPv4 as such. */
function withoutMapping(address: string): string {
  return address.startsWith(mapped) && address.includes('.') ? address.slice(mapped.length) : address
}

const mapped = '::ffff:'
const maxHops = 20
/** No address is longer. */
const maxLength = 45
const maxHopLength = maxLength + '[]:65535'.length
