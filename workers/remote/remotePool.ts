import { type Clock, EarliestTimer } from '../../lib/clock'
import { Emitter } from '../../lib/events'
import { addTo } from '../../lib/groups'
import { invariant } from '../../lib/invariant'
import type { Counter, Metrics } from '../../lib/metrics'
import { ClientTls, type ClientTlsSettings } from '../../lib/tls/clientTls'
import type { Model } from '../../models/contracts/model'
import type { GraphSignature } from '../../models/types/tensor'
import type { Runner } from '../batching/execution'
import { metricNames } from '../batching/modelMetrics'
import type { MemberSource } from '../members/memberSource'
import { Growth, growAfterMs, type Waiting } from '../pool/growth'
import { nobody } from '../pool/nobody'
import type { WorkerStatus } from '../pool/seat'
import type { WarmUpBatch } from '../pool/warmUp'
import type { LoadOptions, RemoteSide, ServerCheck, WorkerPool } from '../pool/workerPool'
import { WorkerLost } from '../runtime/workerLost'
import { easyUtilization } from './balancing/serverLoad'
import { TwoChoices } from './balancing/twoChoices'
import type { Cancel } from './cancel'
import type { ConnectedServer } from './connectedServer'
import { Endpoint } from './endpoint'
import { MemberEndpoints } from './memberEndpoints'
import { NoServer } from './noServer'
import { Placement } from './placement'
import { RemoteVersion } from './remoteVersion'
import { type RemoteProtocol, RemoteWorker } from './remoteWorker'
import type { Connect } from './serverConnection'

export interface RemotePoolOptions {
  /** The shard's name, from which workers take their names. */
  readonly name: string
  /** Where the servers are. Closed with the pool. */
  readonly members: MemberSource
  readonly protocol: RemoteProtocol
  /** Absent: no TLS. */
  readonly tls?: ClientTlsSettings
  /** Opens connections; default by the protocol. */
  readonly connect?: Connect
  /** How many batches each server may have at once. */
  readonly calls: number
  /** How many servers hold a version before its load asks for more; default all. */
  readonly copies?: number
  /** What is done with calls that nobody needs any more; default by what each server tells of itself. */
  readonly cancel?: Cancel
  readonly clock: Clock
  readonly metrics: Metrics
  readonly log: (line: string) => void
}

/** The servers of a remote shard. */
export class RemotePool implements WorkerPool {
  private readonly freedEmitter = new Emitter<void>()
  readonly freed = this.freedEmitter.event
  private readonly joinedEmitter = new Emitter<void>()
  readonly remote: RemoteSide = {
    joined: this.joinedEmitter.event,
    verify: (model, check) => this.verify(model, check),
    wake: (key) => this.wake(key),
  }
  private readonly versions = new Map<string, RemoteVersion>()
  private readonly members: MemberEndpoints
  private readonly placement: Placement<Endpoint>
  private readonly growth: Growth
  /** Versions with more copies than usual: when they got the last one, and when they needed all of them for the last time. */
  private readonly grown = new Map<string, Grown>()
  /** Refuses batches. */
  private readonly nobody: Runner
  /** For rows that wait although all servers are away. */
  private readonly waits: EarliestTimer
  /** For versions that no server had room or time for, and how long until they are tried again. */
  private readonly again: EarliestTimer
  private againMs = leastAgainMs
  private readonly choice = new TwoChoices<Endpoint>()
  private readonly tls: ClientTls | undefined
  private readonly lost: Counter

  /** Throws a LoadError if certificates cannot be used. */
  constructor(private readonly options: RemotePoolOptions) {
    const { name, members: source, clock, metrics, log } = options
    this.tls = options.tls && new ClientTls(options.tls, `shards.${name}.tls`, log)
    this.lost = metrics.counter(metricNames.workersLost, 'Workers that died or were quarantined', {
      shard: name,
    })
    this.placement = new Placement(options.copies ?? Number.POSITIVE_INFINITY)
    this.growth = new Growth({
      clock,
      hasRoom: (key) => this.placement.hasRoom(key),
      hasIdle: (key) => this.idle(key) !== undefined,
      grow: (key) => this.grow(key),
      log: (line) => log(`shard ${name}: ${line}`),
    })
    this.nobody = nobody(name, `no server of shard ${name} can be reached`, 'WORKER_LOST')
    const open = (id: string, address: string) => this.open(id, address)
    this.waits = new EarliestTimer(clock, () => this.freedEmitter.fire())
    this.again = new EarliestTimer(clock, () => {
      this.againMs = Math.min(2 * this.againMs, mostAgainMs)
      this.joinedEmitter.fire()
    })
    this.members = new MemberEndpoints({ name, source, open, changed: () => this.settle(), log })
    this.placement.change(this.endpoints)
  }

  async load(
    key: string,
    graphPath: string,
    { instances: _, ...graph }: LoadOptions = {},
  ): Promise<GraphSignature> {
    await this.options.members.tried
    const { endpoints, placement } = this
    await Promise.all(endpoints.map(({ tried }) => tried))
    const version = new RemoteVersion(key, graphPath, graph)
    this.versions.set(key, version)
    for (const endpoint of endpoints) endpoint.forgive(key)
    placement.forget(key)
    const signatures: GraphSignature[] = []
    const failed: Failure[] = []
    // Where one cannot, the next one is asked.
    for (;;) {
      const next = placement.holders(key).filter(({ server }) => server && !server.holds(version))
      if (next.length === 0) break
      signatures.push(...(await this.onEach((server) => server.load(version), next, failed)))
      this.refuse(version, failed)
    }
    this.tell(version, signatures.length > 0, failed)
    const signature = version.agree(signatures)
    await this.onHolders(version, async (server) => server.checkSignature(version))
    return signature
  }

  async warm(key: string, warmUp: readonly WarmUpBatch[]): Promise<void> {
    const version = this.versionOf(key)
    version.warmUp = warmUp
    // Rows that no server takes leave it a second try, with other ones.
    await this.onHolders(version, ({ worker }) => version.warm(worker), true)
  }

  async unload(key: string): Promise<void> {
    const version = this.versions.get(key)
    this.versions.delete(key)
    this.placement.forget(key)
    if (version) for (const { server } of this.members.reachable) server?.drop(version)
    // One that goes may have stayed for it alone.
    this.release()
  }

  holders(key: string): number {
    let count = 0
    for (const endpoint of this.endpoints) if (endpoint.serves(key)) count += this.options.calls
    return count
  }

  idle(key: string, avoids?: string): Runner | undefined {
    const holders = this.placement.holders(key)
    const grown = this.grown.get(key)
    const now = this.options.clock.now()
    if (grown && holders.some((one) => !one.hasRoom && one.serves(key))) grown.neededAt = now
    // While versions move, servers that hold them already, or still, answer for those that do not yet.
    const servers = holders.some((one) => one.serves(key)) ? holders : this.members.reachable
    return this.choice.among(servers, key, now, avoids)
  }

  away(key: string, since: number, deadline: number): Runner | undefined {
    return this.versions.has(key) && this.isAway(key) && !this.mayWait(since, deadline)
      ? this.nobody
      : undefined
  }

  /** Asks for another copy of a version whose holders are all busy. */
  want(queue: Waiting): void {
    this.growth.notice(queue)
  }

  status(): WorkerStatus[] {
    return this.endpoints.map((endpoint) => endpoint.status())
  }

  async dispose(): Promise<void> {
    this.waits.stop()
    this.again.stop()
    // Together: a server that just takes another copy may take it long, and is let go.
    await Promise.all([this.growth.dispose(), this.members.dispose()])
    for (const { cancel } of this.grown.values()) cancel()
    this.tls?.dispose()
  }

  private get endpoints(): readonly Endpoint[] {
    return this.members.all
  }

  private open(id: string, address: string): Endpoint {
    const { tls } = this
    const { name, protocol, clock, calls, cancel, members, log } = this.options
    const { connect = () => RemoteWorker.start(id, { address, protocol, clock, tls, cancel }) } = this.options
    const endpoint: Endpoint = new Endpoint({
      id,
      address,
      calls,
      clock,
      start: async () => {
        try {
          return await connect(id, address)
        } catch (error) {
          members.doubt()
          throw error
        }
      },
      versions: this.versions,
      isWanted: (key, one) => this.placement.wouldHold(key, one),
      changed: () => this.settle(),
      joined: () => {
        this.settle()
        this.joinedEmitter.fire()
      },
      left: () => {
        // One that has been let go is not lost.
        if (this.endpoints.includes(endpoint)) {
          this.lost.inc()
          members.doubt()
        }
        this.settle()
      },
      hasOthers: () => this.endpoints.some((one) => one !== endpoint && one.isUp),
      told: (one) => this.read(one),
      freed: () => this.freedEmitter.fire(),
      log: (line) => log(`shard ${name}: ${line}`),
    })
    return endpoint
  }

  /** Whether every server that could run the version is known to be away. */
  private isAway(key: string): boolean {
    return (
      this.endpoints.every((one) => one.isAway(key)) && !this.members.reachable.some((one) => one.serves(key))
    )
  }

  /**
   * Whether rows wait for a server all the same, for half of their time. If the list of servers cannot be had either,
   * it may be this machine that was cut off from all others, and they will be back together.
   */
  private mayWait(since: number, deadline: number): boolean {
    const { members, clock } = this.options
    if (members.problem === undefined || this.endpoints.length === 0) return false
    const until = since + Math.min((deadline - since) / 2, mostWaitMs)
    if (clock.now() >= until) return false
    for (const one of this.endpoints) one.redial(since)
    this.waits.watch(until)
    return true
  }

  /** Has the servers that should hold a version now, and do not, prepare it. */
  private settle(): void {
    const { placement, endpoints, versions, freedEmitter } = this
    placement.change(endpoints)
    this.release()
    const more = new Map<Endpoint, RemoteVersion[]>()
    for (const version of versions.values())
      if (version.check !== undefined)
        for (const endpoint of placement.holders(version.key)) {
          if (!endpoint.server?.holds(version)) addTo(more, endpoint, version)
        }
    for (const [endpoint, list] of more) endpoint.take(list)
    freedEmitter.fire()
  }

  /** Lets servers go that are no members any more, and have no version that only they serve. */
  private release(): void {
    const { endpoints } = this
    this.members.release(({ server }) =>
      Boolean(server?.served.some((key) => !endpoints.some((one) => one.isUp && one.serves(key)))),
    )
  }

  /**
   * Asks for another copy of the version that keeps a server busiest, if requests have waited long there and at all other
   * servers that hold it, whatever kept those busy. A version that only waits behind another one gets none.
   */
  private read(endpoint: Endpoint): void {
    const { placement, versions, growth } = this
    const now = this.options.clock.now()
    const key = endpoint.busiest(now)?.key
    if (key === undefined || !versions.has(key)) return
    const grown = this.grown.get(key)
    if (!placement.hasRoom(key) && grown === undefined) return
    const told = placement.holders(key).map((one) => one.busiest(now))
    const parts = told.reduce((sum, one) => sum + (one?.key === key ? one.part : 0), 0)
    if (grown && parts > easyUtilization * (told.length - 1)) grown.neededAt = now
    // Reports tell of the last second, in which it may not have had its last copy yet.
    if (grown && now - grown.at < settledMs) return
    const areBehind = told.every((one) => one !== undefined && one.waitMs >= growAfterMs)
    if (areBehind && placement.hasRoom(key)) growth.growNow(key)
  }

  private async grow(key: string): Promise<void> {
    const { placement, versions, grown } = this
    const { clock, name, log } = this.options
    const version = versions.get(key)
    if (version === undefined) return
    placement.grow(key)
    const holders = placement.holders(key)
    const added = holders[holders.length - 1]
    await added.take([version])
    grown.get(key)?.cancel()
    const now = clock.now()
    grown.set(key, { at: now, neededAt: now, cancel: clock.after(shrinkAfterMs, () => this.review(key)) })
    // Then the next one holds it instead, if there is one.
    if (!added.serves(key)) throw new Error(`worker ${added.workerId}: ${added.refusal(key)}`)
    log(`shard ${name}: worker ${added.workerId} holds ${key} too, since its rows waited`)
  }

  /** Gives up a copy that was added, if for a while the others would have been enough. */
  private review(key: string): void {
    const { placement, versions, grown } = this
    const { clock, name, log } = this.options
    const state = grown.get(key)
    if (state === undefined) return
    if (clock.now() - state.neededAt >= shrinkAfterMs) {
      const last = placement.shrink(key)
      const version = versions.get(key)
      if (last && version) {
        last.server?.drop(version)
        log(`shard ${name}: worker ${last.workerId} need not hold ${key} any more`)
      }
    }
    if (placement.hasGrown(key)) state.cancel = clock.after(shrinkAfterMs, () => this.review(key))
    else grown.delete(key)
  }

  private async verify({ key }: Model, check: ServerCheck): Promise<void> {
    const version = this.versionOf(key)
    version.check = check
    await this.onHolders(version, (server) => server.verify(version))
    this.againMs = leastAgainMs
    this.settle()
  }

  private async wake(key: string): Promise<void> {
    await this.onHolders(this.versionOf(key), async ({ worker }) => worker.wake?.(key))
    this.settle()
  }

  private versionOf(key: string): RemoteVersion {
    const version = this.versions.get(key)
    invariant(version, `${key} is used before it is loaded`)
    return version
  }

  /**
   * Does something at each server that holds the version. Those where it fails do not; rejects if that is all of them,
   * which still hold it if it `mayBeRepeated`.
   */
  private async onHolders<T>(
    version: RemoteVersion,
    run: (server: ConnectedServer) => Promise<T>,
    mayBeRepeated = false,
  ): Promise<readonly T[]> {
    const holders = this.endpoints.filter(({ server }) => server?.holds(version))
    const failed: Failure[] = []
    const done = await this.onEach(run, holders, failed)
    if (done.length > 0 || !mayBeRepeated) this.refuse(version, failed)
    this.tell(version, done.length > 0, failed)
    return done
  }

  /** Does something at each of these servers, and adds to `failed` those where it fails. */
  private async onEach<T>(
    run: (server: ConnectedServer) => Promise<T>,
    endpoints: readonly Endpoint[],
    failed: Failure[],
  ): Promise<readonly T[]> {
    const results = await Promise.allSettled(endpoints.map(({ server }) => run(server!)))
    results.forEach((result, at) => {
      if (result.status === 'rejected')
        failed.push({ endpoint: endpoints[at], error: result.reason as Error })
    })
    return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  }

  /** They serve without the version from now on. */
  private refuse(version: RemoteVersion, failed: readonly Failure[]): void {
    for (const { endpoint, error } of failed) endpoint.refuse(version, error.message)
    this.placement.change(this.endpoints)
  }

  /** Throws if a version has no server, and else tells who serves without it. */
  private tell({ key }: RemoteVersion, isServed: boolean, failed: readonly Failure[]): void {
    const { name, clock, log } = this.options
    // No server comes that would have it tried again. Those that held it may have gone meanwhile.
    const mayPass =
      failed.length > 0
        ? failed.some(({ error }) => error instanceof WorkerLost)
        : this.endpoints.some(({ isUp }) => isUp)
    if (!isServed && mayPass) this.again.watch(clock.now() + this.againMs)
    if (!isServed && failed.length > 0) throw failed[0].error
    if (!isServed) {
      const { problem = 'none is known' } = this.options.members
      const each = this.endpoints.map((one) => `${one.workerId}: ${one.refusal(key)}`)
      const reasons = each.length > 0 ? each : [problem]
      throw new NoServer(`no server of shard ${name} can serve it: ${reasons.join('; ')}`)
    }
    for (const { endpoint, error } of failed)
      log(`shard ${name}: worker ${endpoint.workerId} serves without ${key}: ${error.message}`)
  }
}

interface Grown {
  readonly at: number
  neededAt: number
  cancel: () => void
}

interface Failure {
  readonly endpoint: Endpoint
  readonly error: Error
}

/** The longest wait for a server to be back, in milliseconds. */
const mostWaitMs = 1_000
/** How long after a version found no room it is tried again; then twice as long each time, in milliseconds. */
const leastAgainMs = 10_000
const mostAgainMs = 10 * 60_000
/** A copy more than usual is kept for so long after it was needed. */
const shrinkAfterMs = 5 * 60_000

/** So long after it came, reports tell of a time in which it was there. */
const settledMs = 2_000
