import { isIPv6 } from 'node:net'

/** Who sends a request, without relying on anything that the client can write itself. */
export interface ClientIdentity {
  /** The token's `sub`, null if the token has none; absent without a token. */
  readonly subject?: string | null
  readonly address?: string
}

/**
 * A key for the client, for limits: the token's subject, else the address. Nothing that a client can write itself
 * counts.
 */
export function clientOf({ subject, address = '' }: ClientIdentity): string {
  if (typeof subject === 'string') return `token ${subject}`
  // Most requests come from the same address as the one before, and then V8 knows the key's hash.
  if (address !== last.address) last = { address, key: `address ${networkOf(address)}` }
  return last.key
}

let last = { address: '', key: 'address ' }

/** The network of an address. A client with one IPv6 address has 2^64 of them, which share the first 64 bits. */
export function networkOf(address: string): string {
  if (!address.includes(':') || !isIPv6(address) || address.startsWith('::ffff:')) return address
  const [head, tail] = address.split('%')[0].split('::')
  const before = head === '' ? [] : head.split(':')
  if (tail === undefined) return before.slice(0, 4).join(':')
  const after = tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0')
  return [...before, ...zeros, ...after].slice(0, 4).join(':')
}
