import type { Clock } from '../../lib/clock'
import type { ClientTls } from '../../lib/tls/clientTls'
import type { MemberSource } from '../../workers/members/memberSource'
import { Endpoint } from '../../workers/remote/endpoint'
import { MemberEndpoints } from '../../workers/remote/memberEndpoints'
import { type PlacedServer, Placement } from '../../workers/remote/placement'
import { RemoteWorker } from '../../workers/remote/remoteWorker'

export interface UpServersOptions {
  readonly shard: string
  /** Closed with this. */
  readonly source: MemberSource
  readonly protocol: 'grpc' | 'http'
  readonly tls?: ClientTls | undefined
  /** How many servers hold a version. */
  readonly copies: number
  readonly clock: Clock
  /** Called when a server has come, left, gone up or down. */
  readonly changed: () => void
  readonly log: (line: string) => void
}

/**
 * Keeps a connection to each server of a shard, as a gateway does, to place versions on those that are up. One that comes
 * up later than the others gets versions after a moment, since Envoy gives it no calls before it has asked it itself.
 */
export class UpServers {
  private readonly members: MemberEndpoints
  /** By address, when a server has come up, in the clock's milliseconds. */
  private readonly since = new Map<string, number>()
  private arePlaced = false

  constructor(private readonly options: UpServersOptions) {
    const { shard: name, source, changed, log } = options
    this.members = new MemberEndpoints({
      name,
      source,
      open: (id, address) => this.open(id, address),
      changed: () => {
        // Nobody sends rows to them from here.
        this.members.release(() => false)
        changed()
      },
      log,
    })
  }

  /** Settles when each server that is known now has been asked. */
  async tried(): Promise<void> {
    await Promise.all(this.members.all.map(({ tried }) => tried))
  }

  /** The versions that each server should hold, by its address. */
  placed(keys: Iterable<string>): ReadonlyMap<string, readonly string[]> {
    const { all } = this.members
    this.arePlaced = true
    const up = all.filter(({ isUp }) => isUp)
    const settled = up.filter(({ address }) => this.isSettled(address))
    // If none can be reached, most likely it is this process that cannot reach them.
    const usable = new Set([settled, up, all].find(({ length }) => length > 0))
    const placement = new Placement<PlacedServer>(this.options.copies)
    placement.change(
      all.map((one) => ({ address: one.address, isUp: usable.has(one), refuses: () => false })),
    )
    const versions = new Map<string, string[]>(all.map(({ address }) => [address, []]))
    for (const key of keys) for (const { address } of placement.holders(key)) versions.get(address)!.push(key)
    return versions
  }

  close(): Promise<void> {
    return this.members.dispose()
  }

  private isSettled(address: string): boolean {
    return this.options.clock.now() - (this.since.get(address) ?? Number.POSITIVE_INFINITY) >= settleMs
  }

  private open(id: string, address: string): Endpoint {
    const { shard, source, protocol, tls, clock, changed, log } = this.options
    return new Endpoint({
      id,
      address,
      calls: 1,
      clock,
      start: () => RemoteWorker.start(id, { address, protocol, clock, mayLoad: false, tls }),
      versions: new Map(),
      isWanted: () => false,
      changed,
      joined: () => {
        this.since.set(address, this.arePlaced ? clock.now() : Number.NEGATIVE_INFINITY)
        clock.after(settleMs, changed)
        changed()
      },
      left: () => {
        this.since.delete(address)
        source.doubt()
        changed()
      },
      hasOthers: () => false,
      told: () => {},
      freed: () => {},
      log: (line) => log(`shard ${shard}: ${line}`),
    })
  }
}

/** Within this time Envoy has asked a server whether it is ready, which it does twice a second. */
const settleMs = 2_000
