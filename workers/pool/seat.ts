import { type Clock, pause } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import { Emitter } from '../../lib/events'
import { invariant } from '../../lib/invariant'
import { defer } from '../../lib/scheduling/deferred'
import type { GraphSignature, Tensors } from '../../models/types/tensor'
import type { Runner } from '../batching/execution'
import type { GraphOptions } from '../runtime/graphFiles'
import type { Inference, VersionFault, Worker } from '../runtime/worker'
import { WorkerLost } from '../runtime/workerLost'
import type { StartWorker } from './startWorker'
import { runWarmUp, type WarmOptions, type WarmUpBatch, warmUp } from './warmUp'

export interface WorkerStatus {
  readonly id: string
  readonly kind: string
  readonly pid?: number
  readonly state: 'starting' | 'resting' | 'idle' | 'busy' | 'quarantined' | 'retiring' | 'ended'
  /** Answered by this worker. */
  readonly batches: number
  readonly rows: number
  /** What it can run, as `name@version`. */
  readonly versions: readonly string[]
}

/** What a seat gets from its pool. */
export interface SeatOptions {
  readonly kind: string
  readonly clock: Clock
  readonly start: StartWorker
  readonly nextId: () => string
  /** Called when a worker is gone. The sentence says why. */
  readonly gone: (sentence: string) => void
  /** Called when a worker took more memory than it may, over some version. */
  readonly exceeded?: (excess: VersionFault) => void
  /** Runs renewals of the pool's workers one after the other: each takes the memory of another worker meanwhile. */
  readonly renewInTurn: (renew: () => Promise<void>) => Promise<void>
  readonly log: (line: string) => void
}

/**
 * One place in a pool, and the worker in it. A worker gets batches, one at a time, once it holds all versions of its
 * seat.
 *
 *     starting ──> serving ──lost──────> resting ──> starting ...     rests only after repeated losses
 *                     ├─────stalled──> quarantined: ends when it answers again; the seat continues as after a loss
 *                     └─────renew────> retiring: its replacement serves already; ends when its runs are done
 */
export class Seat implements Runner {
  readonly isInline = false
  readonly canCancel = false
  /** The serving worker, or the one that is starting. */
  private current: Promise<Serving>
  private state: State
  /** What every worker of this seat holds, by key. */
  private readonly versions = new Map<string, Held>()
  private readonly quarantined = new Map<Serving, Promise<void>>()
  private readonly retiring = new Map<Serving, Promise<void>>()
  private renewing: Promise<void> = Promise.resolve()
  /** Loads, warm-ups and renewals run one after the other. */
  private lastChange: Promise<unknown> = Promise.resolve()
  /** Consecutive losses, each less than `settledAfterMs` after the start. */
  private losses = 0
  private closed = false
  /** When the last batch started here, in the clock's milliseconds. */
  usedAt = 0
  private endRest = () => {}
  private readonly freedEmitter = new Emitter<void>()
  /** Fires when the worker may have become idle, or holds another version. */
  readonly freed = this.freedEmitter.event
  private readonly stalledEmitter = new Emitter<string>()
  /** Fires with the version of the call that does not come back, when the worker is quarantined. */
  readonly stalled = this.stalledEmitter.event

  /** Resolves when the first worker has started. Rejects if it cannot start. */
  static async open(options: SeatOptions): Promise<Seat> {
    const seat = new Seat(options)
    await seat.current
    return seat
  }

  private constructor(private readonly options: SeatOptions) {
    this.state = { is: 'starting', id: '' }
    this.current = this.occupy()
  }

  get workerId(): string {
    return this.state.id
  }

  get versionCount(): number {
    return this.versions.size
  }

  /** Whether every worker of this seat holds the version. */
  has(key: string): boolean {
    return this.versions.has(key)
  }

  /** Whether a batch of this version can start now. */
  isIdle(key: string): boolean {
    return this.state.is === 'serving' && this.state.calls === 0 && this.state.keys.has(key)
  }

  /** Whether the worker came without a version of this seat. It gets the version when that can be loaded again. */
  lacks(key: string): boolean {
    return this.state.is === 'serving' && !this.state.keys.has(key)
  }

  /** The quarantined workers that have not come back from calls of this version; each resolves when it has. */
  hangingOn(key: string): readonly Promise<void>[] {
    return [...this.quarantined].flatMap(([serving, over]) => (serving.hangsOn === key ? [over] : []))
  }

  /** Runs a batch; call only while `isIdle`. Rejects as `Worker.infer` does. */
  infer(key: string, tensors: Tensors, rows: number): Promise<Inference> {
    const { state } = this
    invariant(state.is === 'serving' && state.calls === 0, `seat got a batch of ${key} while ${state.is}`)
    state.calls++
    this.usedAt = this.options.clock.now()
    return state.worker.infer(key, tensors).then(
      (inference) => {
        state.batches++
        state.rows += rows
        state.calls--
        this.freedEmitter.fire()
        return inference
      },
      (error) => {
        state.calls--
        this.freedEmitter.fire()
        throw error
      },
    )
  }

  /**
   * Loads the version into the worker and every replacement. No batch starts here meanwhile. Rejects with the runtime's
   * message, or when two workers were lost over it.
   */
  hold(key: string, graphPath: string, graph?: GraphOptions): Promise<GraphSignature> {
    return this.afterChanges(async () => {
      const signature = await this.withWorker(async ({ worker, keys }) => {
        const loaded = await worker.load(key, graphPath, graph)
        keys.add(key)
        return loaded
      })
      // Not above: a worker that was given up may come back from its load long after.
      this.versions.set(key, { graphPath, graph, warmUp: [] })
      return signature
    })
  }

  /**
   * Runs batches of a loaded version on the worker, and on every replacement before it gets traffic, because the first
   * runs of a session are slow. `measured` gets the times once they are no longer slow. With `gently`, waiting rows of
   * other versions run between these batches. Rejects as `Worker.infer` does, as the batch's `check` throws, or when
   * two workers were lost over it.
   */
  warm(
    key: string,
    batches: readonly WarmUpBatch[],
    { measured, gently = false }: WarmOptions = {},
  ): Promise<void> {
    const held = this.versions.get(key)
    invariant(held, `${key} is warmed before it is held`)
    return this.afterChanges(async () => {
      await this.withWorker((serving) => {
        const run = async (batch: WarmUpBatch) => {
          if (gently) await this.letOthersGo(serving)
          return runWarmUp(serving.worker, key, batch)
        }
        return warmUp(batches, run, measured)
      })
      if (this.versions.has(key)) this.versions.set(key, { ...held, warmUp: batches })
    })
  }

  /** Future workers need not hold the version. The current one keeps its unused session until the seat is renewed. */
  drop(key: string): void {
    this.versions.delete(key)
    if (this.state.is === 'serving' && this.state.keys.delete(key)) this.state.hasUnused = true
  }

  /** As `drop`, but frees the session in the current worker at once, where the worker can. Nothing of it may run. */
  release(key: string): void {
    const { state } = this
    const isHeld = state.is === 'serving' && state.keys.has(key)
    if (!isHeld || state.worker.unload === undefined) {
      this.drop(key)
      return
    }
    this.versions.delete(key)
    state.keys.delete(key)
    state.worker.unload(key)
  }

  /**
   * If the worker has unused sessions: starts a new one with everything that the seat holds, lets it serve, and ends
   * the old one when its runs are done. The runtime leaks a little when a session is released; all memory is freed only by
   * ending the worker. If the new worker cannot load everything, the old one stays and a line is logged.
   */
  renew(): Promise<void> {
    return this.afterChanges(() => {
      this.renewing = this.renewNow()
      return this.renewing
    })
  }

  status(): WorkerStatus[] {
    const { kind } = this.options
    const { state } = this
    const one =
      state.is === 'serving'
        ? statusOf(state, state.calls > 0 ? 'busy' : 'idle')
        : { id: state.id, kind, state: state.is, batches: 0, rows: 0, versions: [] }
    return [
      one,
      ...[...this.quarantined.keys()].map((serving) => statusOf(serving, 'quarantined')),
      ...[...this.retiring.keys()].map((serving) => statusOf(serving, 'retiring')),
    ]
  }

  /** Resolves when all workers have ended, but for those that do not come back from a call. */
  async dispose(): Promise<void> {
    this.closed = true
    this.endRest()
    const serving = await this.current.catch(() => undefined)
    await this.renewing
    const ending = [...(serving ? [serving] : []), ...this.retiring.keys()]
    await Promise.all(ending.map(({ worker, gone }) => Promise.race([worker.dispose(), gone])))
    this.state = { is: 'ended', id: this.state.id }
  }

  /** Resolves after batches that wait for this worker could run. */
  private async letOthersGo(serving: Serving): Promise<void> {
    serving.calls--
    this.freedEmitter.fire()
    // The dispatcher's immediate was scheduled first.
    await new Promise((resolve) => setImmediate(resolve))
    serving.calls++
  }

  private async renewNow(): Promise<void> {
    const old = await this.current.catch(() => undefined)
    if (old === undefined || !old.hasUnused || this.closed) return
    let next: Serving | undefined
    try {
      next = await this.bringUp(this.options.nextId())
      const missing = [...old.keys].filter((key) => !next?.keys.has(key))
      if (missing.length > 0 && !this.closed) throw new Error(`${next.id} cannot load ${missing.join(', ')}`)
    } catch (error) {
      this.options.log(
        `worker ${old.id} could not be replaced and keeps what it no longer needs: ${(error as Error).message}`,
      )
      await next?.worker.dispose()
      return
    }
    // After a loss, the seat already has another worker, without unused sessions.
    if (this.closed || this.state !== old) {
      await next.worker.dispose()
      return
    }
    this.put(next)
    this.current = Promise.resolve(next)
    this.end(old, this.retiring)
  }

  private afterChanges<T>(change: () => Promise<T>): Promise<T> {
    const result = this.lastChange.then(change)
    this.lastChange = result.catch(() => {})
    return result
  }

  /** Occupies the worker for `use`. If the worker is lost meanwhile, tries once more with its replacement. */
  private async withWorker<T>(use: (serving: Serving) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const serving = await this.current
      serving.calls++
      try {
        return await Promise.race([use(serving), serving.gone.then(throwGone)])
      } catch (error) {
        if (!(error instanceof WorkerLost) || attempt === 2 || this.closed) throw error
        // By then the seat waits for the replacement.
        await serving.gone
      } finally {
        serving.calls--
        this.freedEmitter.fire()
      }
    }
  }

  /** Starts a worker and loads what the seat holds. Rejects if that fails. */
  private async occupy(): Promise<Serving> {
    const id = this.options.nextId()
    this.state = { is: 'starting', id }
    const serving = await this.bringUp(id)
    this.put(serving)
    return serving
  }

  /** Starts a worker and loads what the seat holds, skipping versions that cannot be loaded. It gets no traffic yet. */
  private async bringUp(id: string): Promise<Serving> {
    const worker = await this.options.start(id)
    worker.exceeded?.((excess) => this.options.exceeded?.(excess))
    const gone = new Promise<Gone>((resolve) => {
      worker.lost((reason) => resolve({ how: 'lost', reason }))
      worker.stalled(({ key, sentence }) => {
        serving.hangsOn = key
        resolve({ how: 'stalled', reason: sentence })
      })
    })
    const keys = new Set<string>()
    const serving: Serving = {
      is: 'serving',
      id,
      worker,
      gone,
      keys,
      hangsOn: undefined,
      hasUnused: false,
      since: 0,
      renewableAt: 0,
      calls: 0,
      batches: 0,
      rows: 0,
    }
    worker.swollen?.(() => this.renewSwollen(serving))
    for (const [key, held] of this.versions) {
      // It ends at once.
      if (this.closed) break
      try {
        await prepare(serving, key, held)
      } catch (error) {
        if (error instanceof WorkerLost) {
          this.quarantine(serving)
          throw error
        }
        this.options.log(`worker ${id} runs without ${key}: ${(error as Error).message}`)
      }
    }
    return serving
  }

  /** Tries versions again that a worker came without: their files may have been away for a while. */
  private completeLater(serving: Serving, ms: number): void {
    const isWhole = () => [...this.versions.keys()].every((key) => serving.keys.has(key))
    if (isWhole()) return
    this.options.clock.after(ms, () => {
      void this.afterChanges(async () => {
        if (this.closed || this.state !== serving || isWhole()) return
        await this.complete(serving)
        this.completeLater(serving, Math.min(2 * ms, mostCompleteMs))
      })
    })
  }

  private async complete(serving: Serving): Promise<void> {
    serving.calls++
    for (const [key, held] of this.versions) {
      if (serving.keys.has(key)) continue
      try {
        await prepare(serving, key, held)
        this.options.log(`worker ${serving.id} runs ${key} again`)
      } catch {
        // It was told when the worker came.
      }
    }
    serving.calls--
    this.dropUnwanted(serving)
    this.freedEmitter.fire()
  }

  /** Replaces a worker before it exceeds its memory, which would cost rows their run, and perhaps a version its place. */
  private renewSwollen(serving: Serving): void {
    const { clock, renewInTurn, log } = this.options
    if (this.state !== serving || clock.now() < serving.renewableAt) return
    log(`worker ${serving.id} takes most of its memory, and is replaced while it serves`)
    serving.hasUnused = true
    serving.renewableAt = Number.POSITIVE_INFINITY
    void renewInTurn(() => this.renew()).then(() => {
      // Should that have failed, as where files are away for a while.
      serving.renewableAt = clock.now() + swollenAfterMs
    })
  }

  /** Gives the worker traffic from now on. */
  private put(serving: Serving): void {
    this.dropUnwanted(serving)
    serving.since = this.options.clock.now()
    // One that is large soon after its start needs it.
    serving.renewableAt = serving.since + swollenAfterMs
    this.state = serving
    serving.gone.then((how) => this.replace(serving, how))
    this.completeLater(serving, leastCompleteMs)
    this.freedEmitter.fire()
  }

  /** Versions that were dropped while it was loading. */
  private dropUnwanted(serving: Serving): void {
    for (const key of serving.keys) {
      if (this.versions.has(key)) continue
      serving.keys.delete(key)
      serving.worker.unload?.(key)
      serving.hasUnused = true
    }
  }

  private replace(old: Serving, gone: Gone): void {
    if (this.closed || this.state !== old) return
    const { clock } = this.options
    if (gone.how === 'stalled') this.quarantine(old)
    this.state = { is: 'starting', id: old.id }
    this.losses = clock.now() - old.since < settledAfterMs ? this.losses + 1 : 1
    this.options.gone(
      `${describe(old.worker)} ${gone.how === 'lost' ? 'was lost' : 'is quarantined'}: ${gone.reason}`,
    )
    this.current = this.reoccupy()
    this.current.catch(() => {})
  }

  /** Tries until a worker serves. Rejects only once the seat is closed. */
  private async reoccupy(): Promise<Serving> {
    for (;;) {
      await this.rest(restMs(this.losses))
      // Limits the number of threads that never come back.
      while (this.quarantined.size >= maxQuarantined && !this.closed) await this.oneComesBack()
      if (this.closed) throw new PresageError('SHUTTING_DOWN', 'the workers are shutting down')
      try {
        return await this.occupy()
      } catch (error) {
        this.losses++
        this.options.log(`worker ${this.state.id} did not start: ${(error as Error).message}`)
      }
    }
  }

  private quarantine(serving: Serving): void {
    this.end(serving, this.quarantined)
    if (serving.hangsOn !== undefined) this.stalledEmitter.fire(serving.hangsOn)
  }

  /** Gives the worker no more batches, and ends it when its runs are done, or once it answers again. */
  private end(serving: Serving, among: Map<Serving, Promise<void>>): void {
    const over = serving.worker.dispose().then(() => {
      among.delete(serving)
    })
    among.set(serving, over)
  }

  private oneComesBack(): Promise<void> {
    const closed = defer<void>()
    this.endRest = closed.resolve
    return Promise.race([closed.promise, ...this.quarantined.values()])
  }

  private async rest(ms: number): Promise<void> {
    if (ms === 0 || this.closed) return
    this.state = { is: 'resting', id: this.state.id }
    await pause(this.options.clock, ms, (end) => {
      this.endRest = end
    })
  }
}

/** A worker that lived this long did not fail at its start. */
const settledAfterMs = 10_000
/** How long a worker serves at least before it is replaced because it is large, or that is tried again, in milliseconds. */
const swollenAfterMs = 60_000
/** How long after a worker came without a version that is tried again; then twice as long each time, in milliseconds. */
const leastCompleteMs = 10_000
const mostCompleteMs = 60_000
/** A version that does not come back goes out of service before that; this is for whatever else may stall threads. */
const maxQuarantined = 8

/**
 * How long to wait before starting the next worker, by consecutive losses: none, then 100 ms doubling up to 2 s. A
 * start is quick, so longer waits would save little and leave rows without a worker.
 */
export function restMs(losses: number): number {
  return losses <= 1 ? 0 : Math.min(100 * 2 ** (losses - 2), 2_000)
}

interface Serving {
  readonly is: 'serving'
  readonly id: string
  readonly worker: Worker
  readonly gone: Promise<Gone>
  /** The versions that this worker holds. */
  readonly keys: Set<string>
  /** The version of the call that has not come back, if the worker has stalled. */
  hangsOn: string | undefined
  /** Whether it also has sessions of other versions, or else more memory than its successor would need. */
  hasUnused: boolean
  since: number
  /** From when it may be replaced because it is large, in the clock's milliseconds. */
  renewableAt: number
  /** Calls in progress: a batch, or loads. */
  calls: number
  batches: number
  rows: number
}

interface Held {
  readonly graphPath: string
  readonly graph?: GraphOptions
  /** Each call makes a new batch, since a batch's tensors are moved away. */
  readonly warmUp: readonly WarmUpBatch[]
}

type State = Serving | { readonly is: 'starting' | 'resting' | 'ended'; readonly id: string }

interface Gone {
  readonly how: 'lost' | 'stalled'
  readonly reason: string
}

/** Has a worker load and warm a version. Rejects as these do, and when the worker is gone. */
async function prepare(
  { worker, gone, keys }: Serving,
  key: string,
  { graphPath, graph, warmUp: batches }: Held,
): Promise<void> {
  await Promise.race([worker.load(key, graphPath, graph), gone.then(throwGone)])
  try {
    for (const batch of batches) await Promise.race([runWarmUp(worker, key, batch), gone.then(throwGone)])
  } catch (error) {
    worker.unload?.(key)
    throw error
  }
  keys.add(key)
}

function throwGone({ reason }: Gone): never {
  throw new WorkerLost(reason, true)
}

function describe(worker: Worker): string {
  return `worker ${worker.id} (${worker.pid === undefined ? worker.kind : `${worker.kind} ${worker.pid}`})`
}

function statusOf(serving: Serving, state: WorkerStatus['state']): WorkerStatus {
  const { worker, batches, rows, keys } = serving
  const pid = worker.pid === undefined ? {} : { pid: worker.pid }
  return { id: worker.id, kind: worker.kind, ...pid, state, batches, rows, versions: [...keys] }
}
