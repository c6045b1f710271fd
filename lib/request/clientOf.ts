import { isIPv6 } from 'node:net'

/** Who asks, as far as that is known without taking the client's word for it. */
export interface ClientIdentity {
  /** By the token: its `sub`, null for a token that has none; absent without a token. */
  readonly subject?: string | null
  readonly address?: string
}

/** A key for who asks, for limits: the subject of the token, else the address. Whatever a client may write itself does not count. */
export function clientOf({ subject, address = '' }: ClientIdentity): string {
  if (typeof subject === 'string') return `token ${subject}`
  // Most often it is the address of the request before, and then the same text, whose hash is known.
  if (address !== last.address) last = { address, key: `address ${networkOf(address)}` }
  return last.key
}

let last = { address: '', key: 'address ' }

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
