import type { Clock } from '../../lib/clock'
import { invariant } from '../../lib/invariant'
import type { GraphSignature, Tensors } from '../../models/types/tensor'
import type { Runner } from '../batching/execution'
import { restMs, type WorkerStatus } from '../pool/seat'
import type { Inference } from '../runtime/worker'
import { WorkerLost } from '../runtime/workerLost'
import { PeakEwma } from './peakEwma'
import type { RemoteVersion } from './remoteVersion'
import type { RemoteWorker } from './remoteWorker'

export interface EndpointOptions {
  /** What clients and metrics see of it. */
  readonly id: string
  /** `host:port` */
  readonly address: string
  /** How many batches it may have at once. */
  readonly calls: number
  readonly clock: Clock
  readonly start: (id: string, address: string) => Promise<RemoteWorker>
  /** The versions that it must serve. */
  readonly versions: ReadonlyMap<string, RemoteVersion>
  /** Called when it gets rows from now on, and when it was up and does not any more. */
  readonly joined: () => void
  readonly left: () => void
  /** Called when a batch may start here. */
  readonly freed: () => void
  /** Takes lines for operators. */
  readonly log: (line: string) => void
}

/**
 * One server of a remote shard, and the connection to it.
 *
 *     joining ──ready, versions verified──> up ──lost, not ready, or too many late answers──> away ──rest──> joining ...
 *        └──────not ready, unreachable────> away
 *
 * It gets batches only while it is up, and fewer in its first seconds.
 */
export class Endpoint implements Runner {
  readonly isInline = false
  readonly workerId: string
  private state: State = { is: 'joining' }
  /** Why it did not join, or left; undefined while it may still join for the first time. */
  private whyAway: string | undefined
  private pending = 0
  private batches = 0
  private rows = 0
  private hasLeft = false
  /** By version, why the server does not serve it. */
  private readonly missing = new Map<string, string>()
  private lateInARow = 0
  private readonly slowness = new PeakEwma()
  private closed = false
  private endRest = () => {}
  private firstAttempt!: () => void
  /** Settles when it has joined or could not for the first time. */
  readonly tried = new Promise<void>((resolve) => {
    this.firstAttempt = resolve
  })
  private readonly over: Promise<void>

  constructor(private readonly options: EndpointOptions) {
    this.workerId = options.id
    this.over = this.live()
  }

  /** Whether it serves the version. */
  serves(key: string): boolean {
    return this.state.is === 'up' && this.state.keys.has(key)
  }

  /** Whether a batch of the version can start here now. */
  isIdle(key: string): boolean {
    return this.pending < this.options.calls && this.serves(key)
  }

  /** Whether it does not serve the version, and not only for a moment: it has tried to join again and failed. */
  isAway(key: string): boolean {
    return this.state.is === 'up' ? !this.state.keys.has(key) : this.whyAway !== undefined
  }

  /** Why it is away, for operators. */
  get reason(): string {
    return this.whyAway ?? 'it is joining'
  }

  /** What another batch would cost here, compared with other servers. */
  cost(now: number): number {
    const { state } = this
    const age = state.is === 'up' ? now - state.since : 0
    const share = Math.min(1, 0.1 + age / slowStartMs)
    return (this.slowness.read(now) * (this.pending + 1)) / share
  }

  /** Runs a batch. Rejects as `Worker.infer` does. */
  async infer(
    key: string,
    tensors: Tensors,
    rows: number,
    expectedMs: number,
    deadline: number,
  ): Promise<Inference> {
    const { state } = this
    if (state.is !== 'up') throw new WorkerLost(`worker ${this.workerId} (remote) was lost`, false)
    const { clock } = this.options
    const began = clock.now()
    this.pending++
    try {
      const inference = await state.worker.infer(key, tensors, deadline)
      this.batches++
      this.rows += rows
      this.lateInARow = 0
      return inference
    } finally {
      const now = clock.now()
      this.slowness.observe((now - began) / expectedMs, now)
      this.pending--
      this.options.freed()
    }
  }

  get isUp(): boolean {
    return this.state.is === 'up'
  }

  /** Whether it is up and has loaded the version. */
  holds(version: RemoteVersion): boolean {
    return this.state.is === 'up' && this.state.held.has(version)
  }

  /** Call while it is up. Rejects with the server's reason. */
  async load(version: RemoteVersion): Promise<GraphSignature> {
    const { worker, held } = this.up()
    const signature = await version.load(worker)
    held.set(version, signature)
    return signature
  }

  /** Call while it holds the version, once it is known what its tensors are. Rejects if the server's are others. */
  async agree(version: RemoteVersion): Promise<void> {
    const problem = version.problemOf(this.up().held.get(version)!)
    if (problem !== undefined) throw new Error(problem)
  }

  /** Call while it holds the version. */
  warm(version: RemoteVersion): Promise<void> {
    return version.warm(this.up().worker)
  }

  /** Gives it rows of a version that it holds, once it has passed the check. Rejects if it does not. */
  async verify(version: RemoteVersion): Promise<void> {
    const { worker, keys } = this.up()
    await version.verify(worker)
    keys.add(version.key)
    this.options.freed()
  }

  /** It gets no more rows of the version. */
  drop(version: RemoteVersion): void {
    if (this.state.is !== 'up') return
    this.state.keys.delete(version.key)
    this.state.held.delete(version)
  }

  status(): WorkerStatus {
    const { workerId: id, batches, rows, state } = this
    const up = this.pending > 0 ? ('busy' as const) : ('idle' as const)
    const names = { up, joining: 'starting', away: 'resting', ended: 'ended' } as const
    return { id, kind: 'remote', state: names[state.is], batches, rows }
  }

  /** Ends the connection when the calls in flight are over. */
  async dispose(): Promise<void> {
    this.closed = true
    this.endRest()
    if (this.state.is === 'up') this.state.end('')
    await this.over
    this.state = { is: 'ended' }
  }

  private up(): Up {
    invariant(this.state.is === 'up', `worker ${this.workerId} is used while ${this.state.is}`)
    return this.state
  }

  /** Joins again and again. */
  private async live(): Promise<void> {
    const { clock } = this.options
    for (let failures = 0; !this.closed; ) {
      let worker: RemoteWorker | undefined
      try {
        worker = await this.options.start(this.workerId, this.options.address)
        const up = await this.join(worker)
        this.enter(up)
        const reason = await up.gone
        // A server that is lost as soon as it has come is not worth a new attempt at once.
        failures = clock.now() - up.since < settledAfterMs ? failures + 1 : 1
        this.leave(reason)
      } catch (error) {
        failures++
        this.stayAway((error as Error).message)
      }
      // Its calls in flight may still end well.
      const ended = worker?.dispose()
      if (this.closed) await ended
      else await this.rest(restMs(failures))
    }
    this.firstAttempt()
  }

  private enter(up: Up): void {
    const isBack = this.whyAway !== undefined || this.hasLeft
    this.state = up
    this.whyAway = undefined
    this.lateInARow = 0
    if (isBack) this.log('serves again')
    this.watch(up)
    this.firstAttempt()
    this.options.joined()
  }

  private leave(reason: string): void {
    this.state = { is: 'joining' }
    this.hasLeft = true
    this.log(`gets no more rows: ${reason}`)
    this.options.left()
  }

  private stayAway(reason: string): void {
    if (this.whyAway !== reason) this.log(`does not serve: ${reason}`)
    this.whyAway = reason
    this.state = { is: 'away' }
    this.firstAttempt()
    // Rows may wait for a server that they now know to be away.
    this.options.freed()
  }

  private log(what: string): void {
    if (!this.closed) this.options.log(`worker ${this.workerId} at ${this.options.address} ${what}`)
  }

  /** Prepares the server for all versions. Rejects if it is lost meanwhile. */
  private async join(worker: RemoteWorker): Promise<Up> {
    const keys = new Set<string>()
    const held = new Map<RemoteVersion, GraphSignature>()
    const tried = new Set<RemoteVersion>()
    let end!: (reason: string) => void
    let lost: string | undefined
    const gone = new Promise<string>((resolve) => {
      end = resolve
    })
    worker.lost((reason) => {
      lost = reason
      end(reason)
    })
    const up: Up = { is: 'up', worker, keys, held, since: 0, gone, end }
    // Meanwhile, new versions may come, and checks of those that it has loaded.
    for (;;) {
      const versions = [...this.options.versions.values()]
      const next = versions.find((one) => !tried.has(one)) ?? versions.find((one) => isUnchecked(one, up))
      if (next === undefined) break
      tried.add(next)
      await this.prepare(next, up)
      if (lost !== undefined) throw new Error(lost)
    }
    return { ...up, since: this.options.clock.now() }
  }

  /** Has the server do all that a version asks for. If it cannot, it serves without it. Rejects if the server is lost. */
  private async prepare(version: RemoteVersion, { worker, held, keys }: Up): Promise<void> {
    const { key } = version
    try {
      held.set(version, held.get(version) ?? (await version.load(worker)))
      await version.warm(worker)
      const { check } = version
      await version.verify(worker)
      if (check !== undefined) keys.add(key)
      this.missing.delete(key)
    } catch (error) {
      held.delete(version)
      if (error instanceof WorkerLost && error.outcome !== 'MODEL_NOT_READY') throw error
      const { message } = error as Error
      if (this.missing.get(key) !== message) this.log(`serves without ${key}: ${message}`)
      this.missing.set(key, message)
    }
  }

  /** Tries again what the server could not serve. */
  private async prepareMissing(up: Up): Promise<void> {
    for (const version of this.options.versions.values()) {
      if (version.check === undefined || up.held.has(version)) continue
      await this.prepare(version, up)
      if (!up.keys.has(version.key)) continue
      this.log(`serves ${version.key} too`)
      this.options.joined()
    }
  }

  /** Notices that the server should leave, and what it can serve now. */
  private watch(up: Up): void {
    const { worker, keys, end: leave } = up
    worker.failed(({ kind, reason, key }) => {
      if (kind === 'late' && ++this.lateInARow === mostLate)
        leave(`${mostLate} batches in a row were not answered in time`)
      if (kind === 'notHeld' && keys.delete(key)) leave(`it does not serve ${key} any more: ${reason}`)
    })
    let silent = 0
    let looks = 0
    const look = () => {
      this.options.clock.after(lookMs, async () => {
        if (this.state.is !== 'up' || this.state.worker !== worker) return
        const readiness = await worker.readiness()
        silent = readiness === 'silent' ? silent + 1 : 0
        if (readiness === 'not ready') leave('it is not ready')
        else if (silent === mostSilent) leave('it does not answer')
        else {
          if (++looks % looksPerAttempt === 0)
            await this.prepareMissing(up).catch((error: Error) => leave(error.message))
          look()
        }
      })
    }
    look()
  }

  private async rest(ms: number): Promise<void> {
    if (ms === 0) return
    await new Promise<void>((resolve) => {
      const cancel = this.options.clock.after(ms * (0.5 + Math.random()), resolve)
      this.endRest = () => {
        cancel()
        resolve()
      }
    })
  }
}

/** How often a server that is up is asked whether it is ready, in milliseconds. */
const lookMs = 1_000
/** After so many questions, versions that the server could not serve are tried again. */
const looksPerAttempt = 10
/** So many questions without an answer in a row make it leave. */
const mostSilent = 2
/** So many batches without an answer in time, in a row, make it leave. */
const mostLate = 3
/** Until then a server that has come gets fewer batches, since its caches are cold. */
const slowStartMs = 10_000

/** A server that lived this long did not fail at its start. */
const settledAfterMs = 10_000

interface Up {
  readonly is: 'up'
  readonly worker: RemoteWorker
  /** The versions that it has loaded, with their tensors, and those that it gets rows of. */
  readonly held: Map<RemoteVersion, GraphSignature>
  readonly keys: Set<string>
  readonly since: number
  /** Resolves with the reason for which it has to leave; `end` makes it leave. */
  readonly gone: Promise<string>
  readonly end: (reason: string) => void
}

type State = Up | { readonly is: 'joining' | 'away' | 'ended' }

/** Whether the server has loaded a version whose check came later. */
function isUnchecked(version: RemoteVersion, { held, keys }: Up): boolean {
  return version.check !== undefined && held.has(version) && !keys.has(version.key)
}
