import { isIPv6, SocketAddress } from 'node:net'
import type { TraceContext } from './traceContext'

/** Somebody who waits for an answer, and may go before it is there. */
export interface Caller {
  readonly isAborted: boolean
  /** Aborts when the caller goes. The other members are cheaper. */
  readonly signal: AbortSignal
  /** Calls back once, when the caller goes. */
  onLeave(listener: () => void): void
  /** Takes a listener back. */
  offLeave(listener: () => void): void
  /** The client's key, for serving clients in turn; absent if unknown. */
  readonly client?: string
  /** Whether no rows of other requests will follow soon; absent if unknown. */
  readonly isOnlyRequest?: boolean
  /** Whether the client takes so much of this thread that its runs should be made on others; absent if unknown. */
  readonly isCrowding?: boolean
  /** The trace that the caller's work belongs to; absent if unknown. */
  readonly trace?: TraceContext | undefined
}

/** Goes when `leave` is called. The signal is made on demand: one is expensive beside a small request. */
export class AbortableCaller implements Caller {
  isAborted = false
  private controller: AbortController | undefined
  private listeners: (() => void)[] | undefined

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController()
      if (this.isAborted) this.controller.abort()
    }
    return this.controller.signal
  }

  onLeave(listener: () => void): void {
    if (this.listeners === undefined) this.listeners = [listener]
    else this.listeners.push(listener)
  }

  offLeave(listener: () => void): void {
    const { listeners = [] } = this
    const place = listeners.indexOf(listener)
    if (place >= 0) listeners.splice(place, 1)
  }

  leave(): void {
    this.isAborted = true
    this.controller?.abort()
    const { listeners = [] } = this
    this.listeners = undefined
    for (const listener of listeners) listener()
  }
}

/** Who sends a request, without relying on anything that the client can write itself. */
export interface ClientIdentity {
  /** The token's `sub`, null if the token has none; absent without a token. */
  readonly subject?: string | null
  readonly address?: string
}

/** A client's key for limits: the token's subject, else the address; nothing that clients write themselves. */
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

/** How the time of a process is shared. */
export interface Sharing {
  /**
   * `client`: by client, identified by its token's subject or else its address. `tenant`: by tenant of verified tokens;
   * clients without a tenant count one by one.
   */
  readonly by: 'client' | 'tenant'
  /** How many shares some senders get, by tenant, subject or address; others get one. IPv6 goes by 64 bits. */
  readonly weights: Readonly<Record<string, number>>
}

interface Sender extends ClientIdentity {
  readonly context: { readonly tenant?: string | number | boolean }
}

/** The senders that share the time of a process, and their weights. */
export class FairShares {
  private by: Sharing['by'] = 'client'
  private weights: ReadonlyMap<string, number> = new Map()

  /** Sets the sharing. Call it before anything is served. */
  share({ by, weights }: Sharing): void {
    this.by = by
    this.weights = new Map(Object.entries(weights).map(([name, weight]) => [nameOf(name), weight]))
  }

  /** The sender's key. Nothing that a client can write itself counts. */
  readonly senderOf = (request: Sender): string => {
    const { tenant } = request.context
    return this.by === 'tenant' && tenant !== undefined ? `tenant ${tenant}` : clientOf(request)
  }

  /** The weight of a sender, by its key. */
  readonly weightOf = (sender: string): number => {
    const { weights } = this
    return weights.size === 0 ? 1 : (weights.get(sender.slice(sender.indexOf(' ') + 1)) ?? 1)
  }
}

/** A name as senders' keys have it: an IPv6 address may be written in several forms, and shares with its network. */
function nameOf(name: string): string {
  if (!isIPv6(name)) return name
  const { address } = new SocketAddress({ address: name.split('%')[0], family: 'ipv6' })
  return networkOf(address.replace(/^::ffff:(?=.*\.)/, ''))
}

/** This process's, since it has one event loop. */
export const fairShares = new FairShares()
