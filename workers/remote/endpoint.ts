import { type Clock, pause } from '../../lib/clock'
import { defer } from '../../lib/scheduling/deferred'
import type { Tensors } from '../../models/types/tensor'
import type { CancelReason } from '../batching/batch'
import type { Runner } from '../batching/execution'
import { restMs, type WorkerStatus } from '../pool/seat'
import type { Inference, Origin } from '../runtime/worker'
import { WorkerLost } from '../runtime/workerLost'
import { PeakEwma } from './balancing/peakEwma'
import { type BusiestTold, ServerLoad } from './balancing/serverLoad'
import type { Candidate } from './balancing/twoChoices'
import { ConnectedServer } from './connectedServer'
import type { RemoteVersion } from './remoteVersion'
import type { Connect, ServerConnection } from './serverConnection'

export interface EndpointOptions {
  /** What clients and metrics see of it. */
  readonly id: string
  /** `host:port` */
  readonly address: string
  /** How many batches it may have at once. */
  readonly calls: number
  readonly clock: Clock
  readonly start: Connect
  /** The versions of the shard, and which of them it should serve, now or when it is up. */
  readonly versions: ReadonlyMap<string, RemoteVersion>
  readonly isWanted: (key: string, endpoint: Endpoint) => boolean
  /** Called when it has refused a version, or is leaving. */
  readonly changed: () => void
  /** Called when it gets rows from now on, and when it was up and does not any more. */
  readonly joined: () => void
  readonly left: () => void
  /** Whether another server is up. */
  readonly hasOthers: () => boolean
  /** Called when it has told its load anew. */
  readonly told: (endpoint: Endpoint) => void
  /** Called when a batch may start here. */
  readonly freed: () => void
  /** Takes lines for operators. */
  readonly log: (line: string) => void
}

/**
 * One server of a remote shard, and the connection to it.
 *
 *     joining ──ready, versions verified──> up ──lost, or too many late answers──> away ──rest──> joining ...
 *        │                                  └──not ready any more──> up, but leaving ──lost, or ready again──> joining ...
 *        └──────not ready, unreachable────> away
 *
 * It gets batches only while it is up, and fewer in its first seconds. While it is leaving, it gets those that no other
 * server can run: one that stops still serves for a while.
 */
export class Endpoint implements Runner, Candidate {
  readonly isInline = false
  readonly canCancel = true
  readonly workerId: string
  private state: State = { is: 'joining' }
  /** Why it did not join, or left; undefined while it may still join for the first time. */
  private whyAway: string | undefined
  /** Its batches, the oldest first. */
  private readonly pending: Call[] = []
  private batches = 0
  private rows = 0
  private hasLeft = false
  /** By version, why the server does not serve it. */
  private readonly missing = new Map<string, string>()
  private lateInARow = 0
  /** Whether it did not answer a batch in time, or several questions, and nothing else since. */
  private standsStill = false
  /** In a row, for want of room; and until when it is not asked again. */
  private refusals = 0
  private fullUntil = 0
  private readonly slowness = new PeakEwma()
  private readonly load = new ServerLoad()
  private closed = false
  private endRest = () => {}
  private endDial = () => {}
  private endPreparation = () => {}
  /** When it was dialled last, and how often anew because it might be reached again. */
  private dialledAt = 0
  private redials = 0
  private readonly firstAttempt = defer<void>()
  /** Settles when it has joined or could not for the first time. */
  readonly tried = this.firstAttempt.promise
  private readonly over: Promise<void>

  constructor(private readonly options: EndpointOptions) {
    this.workerId = options.id
    this.over = this.live()
  }

  /** Whether it serves the version. */
  serves(key: string): boolean {
    return this.state.is === 'up' && this.state.server.serves(key)
  }

  /** Whether another batch can start here now. */
  get hasRoom(): boolean {
    return this.pending.length < this.options.calls
  }

  /** Whether others are better: it is leaving, lately had no room, or should have answered long ago. */
  isToAvoid(now: number): boolean {
    if (this.isLeaving || this.standsStill || now < this.fullUntil) return true
    const oldest = this.pending[0]
    if (oldest === undefined) return false
    return now - oldest.began > leastStillMs && slownessOf(oldest, now) > stillSlowness
  }

  /** How many batches it has. */
  get calls(): number {
    return this.pending.length
  }

  /** Whether it does not serve the version, and not only for a moment: it has tried to join again and failed. */
  isAway(key: string): boolean {
    return this.state.is === 'up'
      ? !this.state.server.serves(key) && !this.state.server.prepares(key)
      : this.whyAway !== undefined
  }

  get address(): string {
    return this.options.address
  }

  get isUp(): boolean {
    return this.state.is === 'up' && !this.state.isLeaving
  }

  refuses(key: string): boolean {
    return this.missing.has(key)
  }

  /** Takes a refusal back, so that the version is tried again. */
  forgive(key: string): void {
    this.missing.delete(key)
  }

  /** It serves without the version from now on, for this reason. */
  refuse(version: RemoteVersion, reason: string): void {
    this.server?.drop(version)
    this.missing.set(version.key, reason)
  }

  /** Prepares those of the versions that it does not hold, if it is up. Never rejects. */
  async take(versions: readonly RemoteVersion[]): Promise<void> {
    const { server } = this
    if (server) await this.prepareMore(server, versions)
  }

  /** Why it does not serve a version, for operators. */
  refusal(key: string): string {
    return this.missing.get(key) ?? this.reason
  }

  /** Why it is away, for operators. */
  get reason(): string {
    return this.whyAway ?? (this.isLeaving ? 'it is not ready' : 'it is joining')
  }

  /** What another batch would cost here, compared with other servers. */
  cost(now: number): number {
    const { state, pending, load } = this
    const age = state.is === 'up' ? now - state.since : 0
    const share = Math.min(1, 0.1 + age / slowStartMs)
    // A server that stands still answers nothing, so that only its oldest batch tells how slow it is.
    const slowness = Math.max(this.slowness.read(now), pending.length > 0 ? slownessOf(pending[0], now) : 0)
    return (slowness * load.strain(now) * (pending.length + 1 + load.others(now))) / share
  }

  /** What kept it busiest lately, as it tells. */
  busiest(now: number): BusiestTold | undefined {
    return this.load.busiest(now)
  }

  /** Runs a batch. Rejects as `Worker.infer` does. */
  async infer(
    key: string,
    tensors: Tensors,
    rows: number,
    expectedMs: number,
    deadline: number,
    origin: Origin,
    signal?: AbortSignal,
    doubted?: () => void,
  ): Promise<Inference> {
    const { state } = this
    if (state.is !== 'up') throw new WorkerLost(`worker ${this.workerId} (remote) was lost`, false)
    const { clock } = this.options
    const call = { began: clock.now(), expectedMs, doubted }
    this.pending.push(call)
    try {
      const inference = await state.server.worker.infer(key, tensors, deadline, origin, signal)
      const now = clock.now()
      this.batches++
      this.rows += rows
      this.lateInARow = 0
      this.standsStill = false
      this.refusals = 0
      this.slowness.observe(slownessOf(call, now), now)
      if (this.load.observe(inference.load, now - call.began, now)) this.options.told(this)
      return inference
    } catch (error) {
      const now = clock.now()
      this.slowness.observe(slownessOf(call, now), now)
      if (error instanceof WorkerLost && error.outcome === 'OVERLOADED')
        this.fullUntil = now + Math.min(leastFullMs * 2 ** this.refusals++, mostFullMs)
      if (signal?.reason === ('outrun' satisfies CancelReason)) this.wasLate(state.server, now - call.began)
      throw error
    } finally {
      this.pending.splice(this.pending.indexOf(call), 1)
      this.options.freed()
    }
  }

  /** The server, while it is up. */
  get server(): ConnectedServer | undefined {
    return this.state.is === 'up' ? this.state.server : undefined
  }

  status(): WorkerStatus {
    const { workerId: id, batches, rows, state } = this
    const atWork = this.pending.length > 0 ? ('busy' as const) : ('idle' as const)
    const up = this.isLeaving ? ('retiring' as const) : atWork
    const names = { up, joining: 'starting', away: 'resting', ended: 'ended' } as const
    const versions = state.is === 'up' ? state.server.served : []
    return { id, kind: 'remote', state: names[state.is], batches, rows, versions }
  }

  /** Forgets why it is away, and dials it at once, since it may be reached again. */
  mayBeBack(): void {
    if (this.server !== undefined) return
    this.whyAway = undefined
    this.redial()
  }

  /** If it is away, and was dialled before this time, dials it now: what was sent then may never arrive. */
  redial(before = Number.POSITIVE_INFINITY): void {
    if (this.server !== undefined || this.dialledAt >= before) return
    this.redials++
    this.endRest()
    this.endDial()
  }

  /** It is leaving from now on, and does not come back. Resolves when its connection has ended. */
  async retire(): Promise<void> {
    this.closed = true
    this.endRest()
    this.endDial()
    this.endPreparation()
    if (this.state.is === 'up') this.state = { ...this.state, isLeaving: true }
    await this.over
    this.state = { is: 'ended' }
  }

  /** Ends the connection when the calls in flight are over. */
  async dispose(): Promise<void> {
    this.server?.end('')
    await this.retire()
  }

  private get isLeaving(): boolean {
    return this.state.is === 'up' && this.state.isLeaving
  }

  /** Joins again and again. */
  private async live(): Promise<void> {
    const { clock } = this.options
    for (let failures = 0; !this.closed; ) {
      let worker: ServerConnection | undefined
      const { redials } = this
      try {
        worker = await this.dial()
        const { versions, isWanted } = this.options
        const server = new ConnectedServer(
          worker,
          { all: versions, isWanted: (key) => isWanted(key, this) },
          this.missing,
          (what) => this.log(what),
        )
        const retired = defer<void>()
        this.endPreparation = retired.resolve
        await Promise.race([server.prepareAll(), retired.promise])
        if (this.closed) {
          // It has no rows, and to load a version may take it long.
          void worker.dispose()
          break
        }
        const since = clock.now()
        this.enter(server, since)
        const reason = await server.over
        // A server that is lost as soon as it has come is not worth a new attempt at once.
        failures = clock.now() - since < settledAfterMs ? failures + 1 : 1
        this.leave(reason)
      } catch (error) {
        failures++
        if (redials === this.redials) this.stayAway((error as Error).message)
        else failures = 0
      }
      // Its calls in flight may still end well.
      const ended = worker?.dispose()
      if (this.closed) await ended
      else await this.rest(restMs(failures))
    }
    this.firstAttempt.resolve()
  }

  private async dial(): Promise<ServerConnection> {
    const { start, address, clock } = this.options
    this.dialledAt = clock.now()
    const connection = start(this.workerId, address)
    const givenUp = defer<undefined>()
    this.endDial = () => givenUp.resolve(undefined)
    const worker = await Promise.race([connection, givenUp.promise])
    if (worker !== undefined) return worker
    connection.then(
      (late) => late.dispose(),
      () => {},
    )
    throw new Error('it is dialled anew')
  }

  private enter(server: ConnectedServer, since: number): void {
    const isBack = this.whyAway !== undefined || this.hasLeft
    this.state = { is: 'up', server, since, isLeaving: false }
    this.whyAway = undefined
    this.lateInARow = 0
    this.standsStill = false
    if (isBack) this.log('serves again')
    this.watch(server)
    this.firstAttempt.resolve()
    this.options.joined()
  }

  private leave(reason: string): void {
    this.state = { is: 'joining' }
    this.hasLeft = true
    this.log(`gets no more rows: ${reason}`)
    this.options.left()
    if (this.standsStill) for (const { doubted } of [...this.pending]) doubted?.()
  }

  private stayAway(reason: string): void {
    if (this.whyAway !== reason) this.log(`does not serve: ${reason}`)
    this.whyAway = reason
    this.state = { is: 'away' }
    this.firstAttempt.resolve()
    // Rows may wait for a server that they now know to be away.
    this.options.freed()
  }

  private log(what: string): void {
    if (!this.closed) this.options.log(`worker ${this.workerId} at ${this.options.address} ${what}`)
  }

  /** Notices that the server should leave, and what it can serve now. */
  private watch(server: ConnectedServer): void {
    const { clock } = this.options
    const { worker } = server
    worker.failed(({ kind, ms }) => {
      if (kind === 'late') this.wasLate(server, ms)
    })
    let silent = 0
    let refused = ''
    let looks = 0
    let looksToAttempt = looksPerAttempt
    const look = async () => {
      if (this.server !== server) return
      const readiness = await worker.readiness()
      silent = readiness === 'silent' ? silent + 1 : 0
      if (readiness === 'ready') this.standsStill = false
      if (readiness === 'gone') server.end('it cannot be reached')
      else if (silent === mostSilent) {
        this.standsStill = true
        server.end('it does not answer')
      } else if (readiness === 'ready' && this.isLeaving && !this.closed)
        server.end('it was not ready, and is checked again')
      else {
        if (readiness === 'not ready') this.withdraw()
        const missing = [...this.missing.keys()].join()
        if (missing !== refused) {
          refused = missing
          looks = 0
          looksToAttempt = looksPerAttempt
        } else if (++looks >= looksToAttempt) {
          looks = 0
          looksToAttempt = Math.min(2 * looksToAttempt, mostLooksPerAttempt)
          const { versions, isWanted } = this.options
          const again = [...this.missing.keys()].flatMap((key) => versions.get(key) ?? [])
          // Not awaited: to load a version may take it long.
          void this.prepareMore(
            server,
            again.filter(({ key }) => isWanted(key, this)),
          )
        }
        clock.after(lookMs, look)
      }
    }
    clock.after(lookMs, look)
  }

  /** Leaves what others can do to them. */
  private withdraw(): void {
    if (this.state.is !== 'up' || this.state.isLeaving) return
    this.state = { ...this.state, isLeaving: true }
    this.log('gets only rows that no other server can take: it is not ready')
    this.options.changed()
  }

  /** Counts a batch that had so long and no answer in time. */
  private wasLate(server: ConnectedServer, ms: number): void {
    // A short deadline is the caller's affair, and a late answer better than none.
    if (ms < leastLateMs) return
    this.standsStill = true
    if (++this.lateInARow < mostLate || !this.options.hasOthers()) return
    server.end(`${mostLate} batches in a row were not answered in time`)
  }

  private async prepareMore(server: ConnectedServer, versions: readonly RemoteVersion[]): Promise<void> {
    try {
      const keys = await server.prepareMore(versions)
      if (keys.length > 0) this.log(`serves ${keys.join(', ')} too`)
      if (keys.length > 0) this.options.joined()
      if (versions.some(({ key }) => this.missing.has(key))) this.options.changed()
    } catch (error) {
      server.end((error as Error).message)
    }
  }

  private async rest(ms: number): Promise<void> {
    if (ms === 0) return
    await pause(this.options.clock, ms * (0.5 + Math.random()), (end) => {
      this.endRest = end
    })
  }
}

/** How often a server that is up is asked whether it is ready, in milliseconds. */
const lookMs = 1_000
/**
 * After so many questions, versions that the server could not serve are tried again, then after twice as many each time: a
 * version that is wrong must not have it load for many who ask.
 */
const looksPerAttempt = 10
const mostLooksPerAttempt = 600
/** So many questions without an answer in a row make it leave. */
const mostSilent = 2
/** So many batches in a row that had this long and no answer in time make it leave, if there is another server. */
const mostLate = 3
const leastLateMs = 500
/** Until then a server that has come gets fewer batches, since its caches are cold. */
const slowStartMs = 10_000

/** A batch that has taken this long, and so many times what it should, says that its server stands still. */
const leastStillMs = 200
const stillSlowness = 10

/** For how long a server that had no room for a batch gets none; twice as long each time, if it still has none. */
const leastFullMs = 100
const mostFullMs = 2_000

/** A server that lived this long did not fail at its start. */
const settledAfterMs = 10_000

interface Call {
  /** In the clock's milliseconds. */
  readonly began: number
  readonly expectedMs: number
  readonly doubted: (() => void) | undefined
}

/** The least time of a call over what it should take. */
function slownessOf({ began, expectedMs }: Call, now: number): number {
  return (now - began) / expectedMs
}

type State =
  | {
      readonly is: 'up'
      readonly server: ConnectedServer
      readonly since: number
      /** Whether it is not ready any more, or no member. */
      readonly isLeaving: boolean
    }
  | { readonly is: 'joining' | 'away' | 'ended' }
