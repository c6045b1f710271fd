import type { Clock } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import { Emitter } from '../../lib/events'
import { invariant } from '../../lib/invariant'
import type { GraphSignature, Tensors } from '../../models/types/tensor'
import type { Runner } from '../batching/execution'
import type { Excess, Inference, Worker } from '../runtime/worker'
import { WorkerLost } from '../runtime/workerLost'
import type { StartWorker } from './startWorker'
import { type WarmOptions, warmUp } from './warmUp'

export interface WorkerStatus {
  readonly id: string
  readonly kind: string
  readonly pid?: number
  readonly state: 'starting' | 'resting' | 'idle' | 'busy' | 'quarantined' | 'retiring' | 'ended'
  /** Answered by this worker. */
  readonly batches: number
  readonly rows: number
}

/** What a seat needs of the pool around it. */
export interface SeatOptions {
  readonly kind: string
  readonly clock: Clock
  readonly start: StartWorker
  readonly nextId: () => string
  /** A worker is gone, one sentence says why and what comes next. */
  readonly gone: (sentence: string) => void
  /** A version had a worker take more memory than it may. */
  readonly exceeded?: (excess: Excess) => void
  readonly log: (line: string) => void
}

/**
 * One place in a pool, and the worker that has it. A worker takes traffic once it holds all versions of its seat, and
 * one batch at a time.
 *
 *     starting ──> serving ──lost──────> resting ──> starting ...     rests only after repeated losses
 *                     ├─────stalled──> quarantined: ends when it comes back; the seat goes on as after a loss
 *                     └─────renew────> retiring: another holds everything and serves already; ends when it is done
 */
export class Seat implements Runner {
  readonly isInline = false
  /** The serving worker, or the one to come. */
  private current: Promise<Serving>
  private state: State
  /** What every worker of this seat holds, by key. */
  private readonly versions = new Map<string, Held>()
  private readonly quarantined = new Map<Serving, Promise<void>>()
  private readonly retiring = new Map<Serving, Promise<void>>()
  private renewing: Promise<void> = Promise.resolve()
  /** What changes what the worker holds goes one after the other. */
  private lastChange: Promise<unknown> = Promise.resolve()
  /** Losses in a row, each less than `settledAfterMs` after the start. */
  private losses = 0
  private closed = false
  /** When the last batch started here, in the clock's milliseconds. */
  usedAt = 0
  private endRest = () => {}
  private readonly freedEmitter = new Emitter<void>()
  /** Fires when the worker may have become idle, or holds more than before. */
  readonly freed = this.freedEmitter.event

  /** Resolves when the first worker is there; rejects if it cannot be started. */
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

  /** True if every worker of this seat holds the version. */
  has(key: string): boolean {
    return this.versions.has(key)
  }

  /** True if a batch of this version can start now. */
  isIdle(key: string): boolean {
    return this.state.is === 'serving' && this.state.calls === 0 && this.state.keys.has(key)
  }

  /** Runs a batch; only while `isIdle`. Rejects as `Worker.infer` does. */
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
   * Has the worker, and every one that replaces it, hold the version. No batch starts here meanwhile. Rejects with the
   * runtime's sentence, or when two workers were lost over it.
   */
  hold(key: string, graphPath: string, sha256?: string): Promise<GraphSignature> {
    return this.afterChanges(() =>
      this.withWorker(async ({ worker, keys }) => {
        const signature = await worker.load(key, graphPath, sha256)
        keys.add(key)
        this.versions.set(key, { graphPath, sha256, warmUp: [] })
        return signature
      }),
    )
  }

  /**
   * Has the worker, and every one that replaces it before it takes traffic, run batches of a version that it holds: the
   * first runs of a session are slow. `measured` is told what they take once they no longer are. Rejects as `Worker.infer`
   * does, or when two workers were lost over it. `gently`: rows of other versions that wait go between its runs.
   */
  warm(
    key: string,
    batches: readonly (() => Tensors)[],
    { measured, gently = false }: WarmOptions = {},
  ): Promise<void> {
    const held = this.versions.get(key)
    invariant(held, `${key} is warmed before it is held`)
    return this.afterChanges(() =>
      this.withWorker(async (serving) => {
        const run = async (tensors: Tensors) => {
          if (gently) await this.letOthersGo(serving)
          return (await serving.worker.infer(key, tensors)).computeMs
        }
        await warmUp(batches, run, measured)
        if (this.versions.has(key)) this.versions.set(key, { ...held, warmUp: batches })
      }),
    )
  }

  /** Workers to come need not hold the version. The one of now keeps its session, unused, until the seat is renewed. */
  drop(key: string): void {
    this.versions.delete(key)
    if (this.state.is === 'serving' && this.state.keys.delete(key)) this.state.hasUnused = true
  }

  /**
   * If the worker has sessions that nobody uses any more: starts another that holds what the seat does, lets it serve, and ends
   * the old one when what runs there is done. The runtime leaks when a session is released, so its memory comes back only with
   * the end of who held it. The old one stays, and a line says so, where the new one could not take its whole place.
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
        : { id: state.id, kind, state: state.is, batches: 0, rows: 0 }
    return [
      one,
      ...[...this.quarantined.keys()].map((serving) => statusOf(serving, 'quarantined')),
      ...[...this.retiring.keys()].map((serving) => statusOf(serving, 'retiring')),
    ]
  }

  async dispose(): Promise<void> {
    this.closed = true
    this.endRest()
    const serving = await this.current.catch(() => undefined)
    await serving?.worker.dispose()
    await this.renewing
    await Promise.all([...this.quarantined.values(), ...this.retiring.values()])
    this.state = { is: 'ended', id: this.state.id }
  }

  /** Resolves after those who wait for this worker have had their chance. */
  private async letOthersGo(serving: Serving): Promise<void> {
    serving.calls--
    this.freedEmitter.fire()
    // The dispatcher's own immediate comes before.
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
      if (missing.length > 0) throw new Error(`${next.id} cannot hold ${missing.join(', ')}`)
    } catch (error) {
      this.options.log(`worker ${old.id} goes on with what it no longer needs: ${(error as Error).message}`)
      await next?.worker.dispose()
      return
    }
    // A loss meanwhile has brought another worker already, which never held what is not used.
    if (this.closed || this.state !== old) {
      await next.worker.dispose()
      return
    }
    this.put(next)
    this.current = Promise.resolve(next)
    this.retire(old)
  }

  private afterChanges<T>(change: () => Promise<T>): Promise<T> {
    const result = this.lastChange.then(change)
    this.lastChange = result.catch(() => {})
    return result
  }

  /** Keeps the worker for `use`; its replacement once more, if the worker is lost meanwhile. */
  private async withWorker<T>(use: (serving: Serving) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const serving = await this.current
      serving.calls++
      try {
        return await Promise.race([use(serving), serving.gone.then(throwGone)])
      } catch (error) {
        if (!(error instanceof WorkerLost) || attempt === 2 || this.closed) throw error
        // By then the seat waits for another.
        await serving.gone
      } finally {
        serving.calls--
        this.freedEmitter.fire()
      }
    }
  }

  /** Starts a worker and has it load what the seat holds. Rejects if it does not come that far. */
  private async occupy(): Promise<Serving> {
    const id = this.options.nextId()
    this.state = { is: 'starting', id }
    const serving = await this.bringUp(id)
    this.put(serving)
    return serving
  }

  /** A worker that holds what the seat does, as far as it can be loaded, and takes no traffic yet. */
  private async bringUp(id: string): Promise<Serving> {
    const worker = await this.options.start(id)
    worker.exceeded?.((excess) => this.options.exceeded?.(excess))
    const gone = new Promise<Gone>((resolve) => {
      worker.lost((reason) => resolve({ how: 'lost', reason }))
      worker.stalled((reason) => resolve({ how: 'stalled', reason }))
    })
    const keys = new Set<string>()
    const serving: Serving = {
      is: 'serving',
      id,
      worker,
      gone,
      keys,
      hasUnused: false,
      since: 0,
      calls: 0,
      batches: 0,
      rows: 0,
    }
    for (const [key, { graphPath, sha256, warmUp: batches }] of this.versions) {
      try {
        await Promise.race([worker.load(key, graphPath, sha256), gone.then(throwGone)])
        for (const batch of batches) await Promise.race([worker.infer(key, batch()), gone.then(throwGone)])
        keys.add(key)
      } catch (error) {
        if (error instanceof WorkerLost) {
          this.quarantine(serving)
          throw error
        }
        this.options.log(`worker ${id} goes without ${key}: ${(error as Error).message}`)
      }
    }
    return serving
  }

  /** The worker takes traffic from now on. */
  private put(serving: Serving): void {
    // What was dropped while it loaded.
    for (const key of serving.keys) {
      if (this.versions.has(key)) continue
      serving.keys.delete(key)
      serving.hasUnused = true
    }
    serving.since = this.options.clock.now()
    this.state = serving
    serving.gone.then((how) => this.replace(serving, how))
    this.freedEmitter.fire()
  }

  /** It ends when what runs is done; nothing is begun there any more. */
  private retire(serving: Serving): void {
    const over = serving.worker.dispose().then(() => {
      this.retiring.delete(serving)
    })
    this.retiring.set(serving, over)
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

  /** Tries until a worker serves; rejects only once the seat is closed. */
  private async reoccupy(): Promise<Serving> {
    for (;;) {
      await this.rest(restMs(this.losses))
      // Threads that never come back must not become more and more.
      while (this.quarantined.size >= maxQuarantined) await Promise.race(this.quarantined.values())
      if (this.closed) throw new PresageError('SHUTTING_DOWN', 'the workers are shutting down')
      try {
        return await this.occupy()
      } catch (error) {
        this.losses++
        this.options.log(`worker ${this.state.id} did not start: ${(error as Error).message}`)
      }
    }
  }

  /** No batch more for this worker; it ends when it has come back. */
  private quarantine(serving: Serving): void {
    const over = serving.worker.dispose().then(() => {
      this.quarantined.delete(serving)
    })
    this.quarantined.set(serving, over)
  }

  private async rest(ms: number): Promise<void> {
    if (ms === 0 || this.closed) return
    this.state = { is: 'resting', id: this.state.id }
    await new Promise<void>((resolve) => {
      const cancel = this.options.clock.after(ms, resolve)
      this.endRest = () => {
        cancel()
        resolve()
      }
    })
  }
}

/** A worker that lived this long was no false start. */
const settledAfterMs = 10_000
const maxQuarantined = 2

/**
 * How long a seat rests before the next worker is started, by losses in a row: at once, then 100 ms doubling up to 2 s. A
 * start costs a fraction of a second, so more rest would save little and leave the rows without a worker.
 */
export function restMs(losses: number): number {
  return losses <= 1 ? 0 : Math.min(100 * 2 ** (losses - 2), 2_000)
}

interface Serving {
  readonly is: 'serving'
  readonly id: string
  readonly worker: Worker
  readonly gone: Promise<Gone>
  /** What this worker holds. */
  readonly keys: Set<string>
  /** It has sessions that are not among them any more. */
  hasUnused: boolean
  since: number
  /** Running now: a batch, or loads. */
  calls: number
  batches: number
  rows: number
}

interface Held {
  readonly graphPath: string
  readonly sha256?: string
  /** Each makes a batch of its own, since a batch's tensors are moved away. */
  readonly warmUp: readonly (() => Tensors)[]
}

type State = Serving | { readonly is: 'starting' | 'resting' | 'ended'; readonly id: string }

interface Gone {
  readonly how: 'lost' | 'stalled'
  readonly reason: string
}

function throwGone({ reason }: Gone): never {
  throw new WorkerLost(reason, true)
}

function describe(worker: Worker): string {
  return `worker ${worker.id} (${worker.pid === undefined ? worker.kind : `${worker.kind} ${worker.pid}`})`
}

function statusOf(serving: Serving, state: WorkerStatus['state']): WorkerStatus {
  const { worker, batches, rows } = serving
  const pid = worker.pid === undefined ? {} : { pid: worker.pid }
  return { id: worker.id, kind: worker.kind, ...pid, state, batches, rows }
}
