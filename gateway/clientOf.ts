import { isIPv6 } from 'node:net'
import type { ClientRequest } from '../lib/clientRequest'

/** A key for who asks, for limits: the subject of the token, else the address. Whatever a client may write itself does not count. */
export function clientOf({ subject, address = '' }: ClientRequest): string {
  return typeof subject === 'string' ? `token ${subject}` : `address ${networkOf(address)}`
}

/**
 * The address of the client, whose peer is `peer`: with trusted proxies on the way, what the first of them saw, which is the last
 * address of `x-forwarded-for` that is no trusted proxy's.
 */
export function addressOf(
  peer: string,
  forwardedFor: string | readonly string[] | undefined,
  isTrustedProxy: (address: string) => boolean,
): string {
  if (typeof forwardedFor !== 'string' || !isTrustedProxy(peer)) return peer
  const hops = forwardedFor.split(',').slice(-maxHops)
  let address = peer
  for (let i = hops.length - 1; i >= 0 && isTrustedProxy(address); i--) {
    const hop = hops[i].trim().slice(0, maxLength)
    if (hop === '') break
    address = hop
  }
  return address
}

const maxHops = 20
/** No address is longer. */
const maxLength = 45

/** Whoever has one IPv6 address has 2^64 of them, which share their first 64 bits. */
export function networkOf(address: string): string {
  if (!address.includes(':') || !isIPv6(address) || address.startsWith('::ffff:')) return address
  const [head, tail] = address.split('%')[0].split('::')
  const before = head === '' ? [] : head.split(':')
  if (tail === undefined) return before.slice(0, 4).join(':')
  const after = tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0')
  return [...before, ...zeros, ...after].slice(0, 4).join(':')
}
