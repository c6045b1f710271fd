import { type Clock, systemClock } from '../lib/clock'
import type { Column } from '../lib/column'
import { type ErrorCode, PresageError } from '../lib/errors'
import { Emitter, type Event } from '../lib/events'
import { invariant } from '../lib/invariant'
import { type Metrics, noMetrics } from '../lib/metrics'
import type { Caller } from '../lib/request/caller'
import type { Model } from '../models/contracts/model'
import type { GraphSignature, Tensors } from '../models/types/tensor'
import { Batcher } from './batching/batcher'
import { Dispatcher } from './batching/dispatcher'
import type { Runner } from './batching/execution'
import { HedgeBudget } from './batching/hedgeBudget'
import { InlineChoice } from './batching/inlineChoice'
import { modelMetrics } from './batching/modelMetrics'
import type { BatchRun, Segment } from './batching/submission'
import { Excesses } from './excesses'
import { InlineWorker } from './inline/inlineWorker'
import { InlineSeat } from './pool/inlineSeat'
import { type LoadOptions, Pool } from './pool/pool'
import type { WorkerStatus } from './pool/seat'
import { type StartWorker, type WorkerKind, workerStarter } from './pool/startWorker'
import type { Excess, Worker } from './runtime/worker'

export type { BatchRun, Segment, WorkerStatus }

export interface ShardOptions {
  readonly name: string
  readonly kind: WorkerKind
  readonly workers: number
  /** Workers after the first come when rows wait for them, as in `PoolOptions`. */
  readonly onDemand?: boolean
  /** How many rows may wait per model; 8 times the model's `maxRows`, at least 50,000, unless said. */
  readonly maxQueueRows?: number
  /** After how long without an answer a process is killed and a thread is taken out of service; 2 s unless said. */
  readonly stallAfterMs?: number
  /** How much memory a worker process may take; any unless said. */
  readonly memoryBytes?: number
  readonly clock?: Clock
  readonly metrics?: Metrics
  readonly log?: (line: string) => void
  /**
   * `auto` (unless said): runs that are short are made on this thread, where the shard is of threads. A process was asked for
   * to be apart, and nothing of its shard runs elsewhere.
   */
  readonly inline?: 'auto' | 'never'
  /** How a worker comes to be; as the kind has it unless said. */
  readonly start?: StartWorker
  /** How the inline worker comes to be. */
  readonly startInline?: (id: string) => Worker
}

/** A named group of workers with its own capacity, and the queues in front of them. */
export interface Shard {
  readonly name: string
  /** A version takes too much memory: it gets no rows any more. Who hears it has it unloaded. */
  readonly unfit: Event<UnfitVersion>
  /**
   * Loads a version into its workers and tells its graph's signature. Rejects with a sentence
   * if the runtime refuses the graph; then no worker takes rows for it.
   */
  load(key: string, graphPath: string, options?: LoadOptions): Promise<GraphSignature>
  /**
   * Has every worker that holds a loaded version run these batches, and every later replacement before it takes rows.
   * Each function makes a new batch. A version that turns out to be short gets a session on this thread as well. Rejects with
   * INFERENCE_FAILED if the runtime refuses one. `gently`: for rows of other versions there is a worker at any time.
   */
  warm(key: string, warmUp: readonly (() => Tensors)[], options?: { gently?: boolean }): Promise<void>
  /** Opens the queue of a loaded version. */
  serve(model: Model): void
  /**
   * Has admitted rows inferred; `columns` are the model's features in their order. Resolves with segments in order that
   * together cover the rows, at the latest when `deadline` (the clock's milliseconds) has passed. Rows that failed are
   * segments with an error: DEADLINE_EXCEEDED, CANCELLED, WORKER_LOST, INFERENCE_FAILED, MODEL_OUTPUT_SHAPE.
   *
   * Rejects, with nothing queued, with MODEL_NOT_READY for a version that is not served, OVERLOADED if the queue is full,
   * SHUTTING_DOWN after `dispose`.
   */
  submit(
    key: string,
    columns: readonly Column[],
    rows: number,
    options: SubmitOptions,
  ): Promise<readonly Segment[]>
  /**
   * Whether rows of a version that nobody waits for may be handed in now: it is served, a worker that holds it is idle, and
   * nothing waits on this shard.
   */
  hasSpare(key: string): boolean
  /**
   * Takes no more rows for a version, answers those that it has taken, then gives its sessions up. Resolves when their memory
   * has been given back: workers that held one are replaced, one after the other, each by one that holds all the others before
   * it takes over. Several versions that are unloaded within a second cost one such round. May be loaded again after that.
   */
  unload(key: string): Promise<void>
  status(): { workers: WorkerStatus[]; queues: QueueStatus[] }
  /** Takes nothing more, answers what has been taken, then ends the workers. */
  dispose(): Promise<void>
}

export interface UnfitVersion {
  readonly key: string
  /** One sentence. */
  readonly reason: string
}

export interface SubmitOptions {
  readonly deadline: number
  readonly caller?: Caller
  /**
   * Nobody waits for these rows: they go after all others of the shard, are not joined with them, run on no thread that serves
   * HTTP, and appear in none of the metrics of their version.
   */
  readonly isSpare?: boolean
}

export interface QueueStatus {
  /** `name@version` */
  readonly key: string
  readonly waitingRows: number
  /** Callers without a full answer. */
  readonly openSubmissions: number
}

/** Starts the workers. Rejects, with none left behind, if one of them cannot be started. */
export async function createShard(options: ShardOptions): Promise<Shard> {
  const { name, kind, workers, onDemand, clock = systemClock, metrics = noMetrics, log = () => {} } = options
  const start =
    options.start ??
    workerStarter(kind, {
      stallAfterMs: options.stallAfterMs ?? 2_000,
      clock,
      memoryBytes: options.memoryBytes,
    })
  const unfit = new Emitter<UnfitVersion>()
  const excesses = new Excesses(clock)
  const pool = await Pool.open({ name, kind, workers, onDemand, start, clock, metrics, exceeded, log })
  const batchers = new Map<string, Batcher>()
  const spares = new Map<string, Batcher>()
  const dispatcher = new Dispatcher(runnerFor, clock)
  const budget = new HedgeBudget()
  const inline = inlineSeat(options, dispatcher.freed)
  const versions = new Map<string, LoadedVersion>()
  /** Versions that take no more rows and still answer some. */
  const leaving = new Map<string, Promise<void>>()
  let disposing: Promise<void> | undefined
  pool.freed(dispatcher.freed)

  function runnerFor(batcher: Batcher): Runner | undefined {
    if (!batcher.isSpare && inline?.takes(batcher.choice, batcher.nextRows(true))) return inline
    const seat = pool.idle(batcher.key)
    if (seat === undefined && !batcher.isSpare) pool.want(batcher)
    return seat
  }

  /** The version's rows are not worth a third worker. */
  function exceeded({ key, sentence }: Excess): void {
    if (!excesses.isTooMany(key)) return
    const reason = `memory: two workers were ended over it in a short time; ${sentence}`
    const error = new PresageError('MODEL_NOT_READY', `${key} is not ready: ${reason}`, { model: key })
    batchers.get(key)?.refuse(error)
    spares.get(key)?.refuse(error)
    unfit.fire({ key, reason })
  }

  function openQueue(model: Model, { key, choice }: LoadedVersion, isSpare: boolean): Batcher {
    const { manifest } = model
    const labels = { model: manifest.name, version: manifest.version, shard: name }
    const batcher = new Batcher({
      model,
      clock,
      maxQueueRows: options.maxQueueRows ?? Math.max(8 * manifest.batching.maxRows, 50_000),
      budget: isSpare ? new HedgeBudget(0) : budget,
      // What spare rows take, beside all else, must not move a version away from this thread.
      choice: isSpare ? new InlineChoice() : choice,
      workers: () => pool.holders(key),
      metrics: (queuedRows) => modelMetrics(isSpare ? noMetrics : metrics, labels, queuedRows),
      wake: dispatcher.wake,
      isSpare,
    })
    dispatcher.add(batcher)
    return batcher
  }

  async function drained(batcher: Batcher | undefined): Promise<void> {
    if (batcher === undefined) return
    await batcher.drain()
    dispatcher.remove(batcher)
    batcher.dispose()
  }

  return {
    name,
    unfit: unfit.event,
    async load(key, graphPath, loadOptions) {
      await leaving.get(key)
      const signature = await pool.load(key, graphPath, loadOptions)
      const { sha256 } = loadOptions ?? {}
      versions.set(key, { key, graphPath, sha256, choice: new InlineChoice() })
      return signature
    },
    async warm(key, warmUp, { gently = false } = {}) {
      const version = versions.get(key)
      invariant(version, `${key} is warmed before it is loaded`)
      const measured = inline && ((rows: number, ms: number) => version.choice.observe(rows, ms))
      await pool.warm(key, warmUp, { measured, gently })
      await inline?.admit(version, version.choice, warmUp).catch((error: Error) => {
        if (!disposing) log(`shard ${name}: ${key} stays on the threads: ${error.message}`)
      })
    },
    serve(model) {
      const { key } = model
      const version = versions.get(key)
      invariant(version, `${key} is served before it is loaded`)
      invariant(!batchers.has(key), `${key} is served twice`)
      batchers.set(key, openQueue(model, version, false))
      spares.set(key, openQueue(model, version, true))
    },
    submit(key, columns, rows, submitOptions) {
      if (disposing) return refuse('SHUTTING_DOWN', `shard ${name} is shutting down`)
      const batcher = (submitOptions.isSpare ? spares : batchers).get(key)
      if (!batcher) return refuse('MODEL_NOT_READY', `${key} is not served on shard ${name}`)
      return batcher.submit(columns, rows, submitOptions)
    },
    hasSpare(key) {
      if (disposing || pool.idle(key) === undefined || !batchers.has(key)) return false
      for (const batcher of batchers.values()) if (batcher.hasWork) return false
      return true
    },
    async unload(key) {
      const version = versions.get(key)
      const leftover = [batchers.get(key), spares.get(key)]
      versions.delete(key)
      batchers.delete(key)
      spares.delete(key)
      const left = Promise.all(leftover.map(drained)).then(() => {})
      leaving.set(key, left)
      await left
      leaving.delete(key)
      if (disposing) return
      if (version) inline?.drop(key, version.choice)
      await pool.unload(key)
    },
    status: () => ({
      workers: [...pool.status(), ...(inline?.status() ?? [])],
      queues: [...batchers.values()].map((batcher) => batcher.status()),
    }),
    dispose() {
      const queues = [...batchers.values(), ...spares.values()]
      const drained = [...queues.map((batcher) => batcher.drain()), ...leaving.values()]
      disposing ??= Promise.all(drained).then(async () => {
        await inline?.dispose()
        await pool.dispose()
      })
      return disposing
    },
  }
}

interface LoadedVersion {
  readonly key: string
  readonly graphPath: string
  readonly sha256?: string
  readonly choice: InlineChoice
}

function inlineSeat(
  { name, kind, inline = 'auto', startInline = newInlineWorker }: ShardOptions,
  freed: () => void,
): InlineSeat | undefined {
  return kind === 'thread' && inline === 'auto'
    ? new InlineSeat(startInline(`${name}-inline`), freed)
    : undefined
}

function newInlineWorker(id: string): Worker {
  return new InlineWorker(id)
}

function refuse(code: ErrorCode, message: string): Promise<never> {
  return Promise.reject(new PresageError(code, message))
}
