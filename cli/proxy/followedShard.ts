import type { Clock } from '../../lib/clock'
import { ClientTls } from '../../lib/tls/clientTls'
import type { MemberSource } from '../../workers/members/memberSource'
import { splitAddress } from '../../workers/remote/connection/splitAddress'
import type { ShardConfig } from '../config/config'
import { openMembers } from '../predictions/openMembers'
import type { ProxiedServer } from './envoyResources'
import type { HostAddresses } from './hostAddresses'
import { UpServers } from './upServers'

export interface FollowedShardOptions {
  readonly shard: string
  readonly settings: ShardConfig
  readonly hosts: HostAddresses
  readonly clock: Clock
  /** Called when its servers, or what they should hold, may have changed. */
  readonly changed: () => void
  readonly log: (line: string) => void
}

export interface ShardServers {
  readonly servers: readonly ProxiedServer[]
  /** Why not all of them are known now; null if they are. */
  readonly problem: string | null
}

/** The servers of a shard elsewhere, as they come and go. */
export class FollowedShard {
  readonly name: string
  private readonly source: MemberSource
  /** Undefined where every server holds every version. */
  private readonly up: UpServers | undefined
  private readonly tls: ClientTls | undefined
  private readonly stopFollowing: () => void

  /** Throws a LoadError if certificates cannot be used, or there is no Kubernetes here. */
  constructor(private readonly options: FollowedShardOptions) {
    const { shard, settings, clock, changed, log } = options
    const { protocol = 'http', copies } = settings
    this.name = shard
    this.source = openMembers(settings.members!, shard, { clock, log })
    const { source } = this
    if (copies !== undefined) {
      this.tls = settings.tls && new ClientTls(settings.tls, `shards.${shard}.tls`, log)
      this.up = new UpServers({ shard, source, protocol, tls: this.tls, copies, clock, changed, log })
    }
    this.stopFollowing = source.changed(changed)
  }

  /** Settles when its source has been asked for the first time, and its servers, as far as that matters. */
  async tried(): Promise<void> {
    await this.source.tried
    await this.up?.tried()
  }

  /** Its servers, with the versions that each should hold, of these, where not every server holds all. */
  async servers(keys: readonly string[]): Promise<ShardServers> {
    const { source } = this
    const { hosts } = this.options
    const placed = this.up?.placed(keys)
    let { problem } = source
    const each = source.addresses.map(async (address) => {
      const [host, port] = splitAddress(address)
      const ip = await hosts.of(host)
      problem ??= hosts.problem(host)
      return ip === undefined
        ? []
        : [{ ip, port: Number(port), versions: placed && (placed.get(address) ?? []) }]
    })
    const servers = (await Promise.all(each)).flat()
    return { servers, problem: problem ?? null }
  }

  async close(): Promise<void> {
    this.stopFollowing()
    await (this.up ?? this.source).close()
    this.tls?.dispose()
  }
}
