import { memoized } from '../../lib/memoized'

export interface PlacedServer {
  /** `host:port`; the same in every process that asks the server. */
  readonly address: string
  readonly isUp: boolean
  /** Whether it has said that it cannot serve the version. */
  refuses(key: string): boolean
}

/**
 * Which servers of a shard hold which version. Nobody decides that centrally: each version has an order of servers by
 * rendezvous hashing (Thaler and Ravishankar, 1998), the same in every process, and is held by the first ones that can.
 * A server that comes or goes moves only its own versions. How many hold a version depends on its load.
 */
export class Placement<S extends PlacedServer> {
  private servers: readonly S[] = []
  /** Of the servers' addresses. */
  private hashes: readonly number[] = []
  private readonly versions = new Map<string, Placed<S>>()
  private readonly placed = memoized(
    (): Placed<S> => ({ copies: this.copies, holders: undefined }),
    this.versions,
  )

  /** With `copies` servers for a version at first. */
  constructor(private readonly copies: number) {}

  /** Call when servers have come, left, gone up or down, or refused a version. */
  change(servers: readonly S[]): void {
    if (servers !== this.servers) this.hashes = servers.map(({ address }) => hashOf(address))
    this.servers = servers
    for (const placed of this.versions.values()) placed.holders = undefined
  }

  /** The servers that should hold the version, of those that are up. */
  holders(key: string): readonly S[] {
    const placed = this.placed(key)
    placed.holders ??= this.first(key, placed)
    return placed.holders
  }

  /** Whether a server would be a holder if it were up and did not refuse the version. */
  wouldHold(key: string, server: S): boolean {
    return this.first(key, this.placed(key), server).includes(server)
  }

  /** Whether there is another server for another copy. */
  hasRoom(key: string): boolean {
    return this.holders(key).length < this.servers.filter((one) => one.isUp && !one.refuses(key)).length
  }

  /** One copy more. */
  grow(key: string): void {
    const placed = this.placed(key)
    placed.copies = this.holders(key).length + 1
    placed.holders = undefined
  }

  /** One copy less. Returns the server that was the last one to hold it, or undefined if there is none to give up. */
  shrink(key: string): S | undefined {
    const placed = this.placed(key)
    if (placed.copies <= this.copies) return undefined
    placed.copies--
    const last = this.holders(key)[placed.copies]
    placed.holders = undefined
    return last
  }

  /** Whether the version has more copies than every version has. */
  hasGrown(key: string): boolean {
    return this.placed(key).copies > this.copies
  }

  forget(key: string): void {
    this.versions.delete(key)
  }

  /** A pass over all servers: cheap enough to be made again for each version whenever one of them changes. */
  private first(key: string, { copies }: Placed<S>, andAlso?: S): readonly S[] {
    const { servers, hashes } = this
    const first: S[] = []
    const weights: number[] = []
    const own = Math.imul(hashOf(key), 0x9e3779b1)
    for (let at = 0; at < servers.length; at++) {
      const server = servers[at]
      if (server !== andAlso && (!server.isUp || server.refuses(key))) continue
      const weight = mixed(own + hashes[at])
      let place = first.length
      while (place > 0 && weights[place - 1] < weight) place--
      if (place >= copies) continue
      first.splice(place, 0, server)
      weights.splice(place, 0, weight)
      if (first.length > copies) {
        first.pop()
        weights.pop()
      }
    }
    return first
  }
}

interface Placed<S> {
  copies: number
  /** The best one first; undefined until they are asked for after a change. */
  holders: readonly S[] | undefined
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash
}

/** The finalizer of MurmurHash3, so that each bit of the sum counts in each bit of the weight. */
function mixed(value: number): number {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
