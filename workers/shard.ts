import { type Clock, systemClock } from '../lib/clock'
import type { Column } from '../lib/column'
import { type ErrorCode, PresageError } from '../lib/errors'
import { invariant } from '../lib/invariant'
import { type Metrics, noMetrics } from '../lib/metrics'
import type { Model } from '../models/model'
import type { GraphSignature, Tensors } from '../models/tensor'
import { Batcher } from './batcher'
import { Dispatcher } from './dispatcher'
import { HedgeBudget } from './hedgeBudget'
import { modelMetrics } from './modelMetrics'
import { type LoadOptions, Pool } from './pool'
import type { WorkerStatus } from './seat'
import { type StartWorker, type WorkerKind, workerStarter } from './startWorker'
import type { Segment } from './submission'

export type { Segment, WorkerStatus }

export interface ShardOptions {
  readonly name: string
  readonly kind: WorkerKind
  readonly workers: number
  /** How many rows may wait per model; 8 times the model's `maxRows`, at least 50,000, unless said. */
  readonly maxQueueRows?: number
  /** After how long without an answer a process is killed and a thread is taken out of service; 2 s unless said. */
  readonly stallAfterMs?: number
  readonly clock?: Clock
  readonly metrics?: Metrics
  readonly log?: (line: string) => void
  /** How a worker comes to be; as the kind has it unless said. */
  readonly start?: StartWorker
}

/** A named group of workers with its own capacity, and the queues in front of them. */
export interface Shard {
  readonly name: string
  /**
   * Loads a version into its workers and tells its graph's signature. Rejects with a sentence
   * if the runtime refuses the graph; then no worker takes rows for it.
   */
  load(key: string, graphPath: string, options?: LoadOptions): Promise<GraphSignature>
  /**
   * Has every worker that holds a loaded version run these batches, and every later replacement before it takes rows.
   * Each function makes a new batch. Rejects with INFERENCE_FAILED if the runtime refuses one.
   */
  warm(key: string, warmUp: readonly (() => Tensors)[]): Promise<void>
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
    options: { deadline: number; signal?: AbortSignal },
  ): Promise<readonly Segment[]>
  status(): { workers: WorkerStatus[]; queues: QueueStatus[] }
  /** Takes nothing more, answers what has been taken, then ends the workers. */
  dispose(): Promise<void>
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
  const { name, kind, workers, clock = systemClock, metrics = noMetrics, log = () => {} } = options
  const start = options.start ?? workerStarter(kind, { stallAfterMs: options.stallAfterMs ?? 2_000, clock })
  const pool = await Pool.open({ name, kind, workers, start, clock, metrics, log })
  const batchers = new Map<string, Batcher>()
  const dispatcher = new Dispatcher((key) => pool.idle(key), clock)
  const budget = new HedgeBudget()
  let disposing: Promise<void> | undefined
  pool.freed(dispatcher.wake)

  return {
    name,
    load: (key, graphPath, loadOptions) => pool.load(key, graphPath, loadOptions),
    warm: (key, warmUp) => pool.warm(key, warmUp),
    serve(model) {
      const { manifest, key } = model
      invariant(pool.holds(key), `${key} is served before it is loaded`)
      invariant(!batchers.has(key), `${key} is served twice`)
      const labels = { model: manifest.name, version: manifest.version, shard: name }
      const batcher = new Batcher({
        model,
        clock,
        maxQueueRows: options.maxQueueRows ?? Math.max(8 * manifest.batching.maxRows, 50_000),
        budget,
        metrics: (queuedRows) => modelMetrics(metrics, labels, queuedRows),
        wake: dispatcher.wake,
      })
      batchers.set(key, batcher)
      dispatcher.add(batcher)
    },
    submit(key, columns, rows, submitOptions) {
      if (disposing) return refuse('SHUTTING_DOWN', `shard ${name} is shutting down`)
      const batcher = batchers.get(key)
      if (!batcher) return refuse('MODEL_NOT_READY', `${key} is not served on shard ${name}`)
      return batcher.submit(columns, rows, submitOptions)
    },
    status: () => ({
      workers: pool.status(),
      queues: [...batchers.values()].map((batcher) => batcher.status()),
    }),
    dispose() {
      disposing ??= Promise.all([...batchers.values()].map((batcher) => batcher.drain())).then(() =>
        pool.dispose(),
      )
      return disposing
    },
  }
}

function refuse(code: ErrorCode, message: string): Promise<never> {
  return Promise.reject(new PresageError(code, message))
}
