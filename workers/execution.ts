import type { Clock } from '../lib/clock'
import { PresageError } from '../lib/errors'
import type { Model } from '../models/model'
import type { Tensors } from '../models/tensor'
import { buildTensors, countRows, deliver, fail, halves, livingParts, type Part } from './batch'
import type { HedgeBudget } from './hedgeBudget'
import type { ModelMetrics } from './modelMetrics'
import type { Inference } from './worker'
import { WorkerLost } from './workerLost'

/** Rows that go to a worker together, and how far that has come. */
export class Batch {
  /** Runs that have no answer yet: two if it was hedged. */
  running = 0
  /** Waits for another run. */
  queued = false
  hedged = false
  /** Workers lost over it that may have died of its rows. */
  losses = 0
  /** Every row has its answer, or has gone to another batch. */
  done = false
  /** Since when its oldest row has been here. */
  readonly since: number

  constructor(
    readonly parts: readonly Part[],
    /** Shared by all pieces of a batch that the runtime refused. */
    readonly bisection?: { extraRuns: number },
  ) {
    let since = Number.POSITIVE_INFINITY
    for (const { submission } of parts) since = Math.min(since, submission.submittedAt)
    this.since = since
  }
}

/** Who runs a batch: an idle seat of the pool. */
export interface Runner {
  infer(key: string, tensors: Tensors, rows: number): Promise<Inference>
}

export interface ExecutionOptions {
  readonly model: Model
  readonly clock: Clock
  readonly budget: HedgeBudget
  readonly metrics: ModelMetrics
  /** Takes a batch that needs another run. */
  readonly again: (batch: Batch) => void
}

/** Two workers lost over the same rows: perhaps it is these rows that kill them. */
const maxLosses = 2

/**
 * Runs batches of one model and decides what follows a failure:
 *
 *     answer ─────────────> its rows to their callers
 *     worker lost ────────> once more elsewhere, then WORKER_LOST; until the deadline if it cannot be the rows' fault
 *     half the time gone ─> once more elsewhere as well, the first answer counts
 *     runtime refuses ────> two halves, again, until the extra runs are spent; INFERENCE_FAILED for what is left
 *     wrong shape ────────> MODEL_OUTPUT_SHAPE for all
 */
export class Execution {
  constructor(private readonly options: ExecutionOptions) {}

  /** Starts one run, unless it turns out that nobody waits for it; then the runner stays idle. */
  start(batch: Batch, runner: Runner): void {
    const { model, clock, metrics, budget } = this.options
    batch.queued = false
    if (batch.done) return
    const began = clock.now()
    const parts = livingParts(batch.parts, began, batch.running > 0)
    const rows = countRows(parts)
    if (rows === 0) {
      batch.done = batch.running === 0
      return
    }
    if (batch.running > 0) {
      if (!budget.spend()) return
      metrics.hedges.inc()
    }
    let tensors: Tensors
    try {
      tensors = buildTensors(model, parts, rows)
    } catch (error) {
      this.refused(batch, parts, rows, error)
      return
    }
    const handedOver = clock.now()
    metrics.computeInput.observe((handedOver - began) / 1000)
    budget.earn()
    batch.running++
    const cancelHedge = this.hedgeLater(batch, parts, handedOver)
    runner.infer(model.key, tensors, rows).then(
      (inference) => {
        batch.running--
        cancelHedge()
        this.answered(batch, parts, rows, inference)
      },
      (error) => {
        batch.running--
        cancelHedge()
        this.failed(batch, parts, rows, error)
      },
    )
  }

  /** Half of what is left until the first deadline: then there is time for another to answer. */
  private hedgeLater(batch: Batch, parts: readonly Part[], now: number): () => void {
    if (batch.hedged) return () => {}
    let deadline = Number.POSITIVE_INFINITY
    for (const { submission } of parts) deadline = Math.min(deadline, submission.deadline)
    if (deadline === Number.POSITIVE_INFINITY) return () => {}
    return this.options.clock.after((deadline - now) / 2, () => {
      if (batch.done || batch.hedged) return
      batch.hedged = true
      this.again(batch)
    })
  }

  private answered(
    batch: Batch,
    parts: readonly Part[],
    rows: number,
    { tensors, computeMs }: Inference,
  ): void {
    const { model, metrics } = this.options
    metrics.executions.inc()
    metrics.computeInfer.observe(computeMs / 1000)
    if (batch.done) return
    batch.done = true
    try {
      model.checkOutputs(tensors, rows)
    } catch (error) {
      fail(parts, error instanceof PresageError ? error : this.inferenceFailed(error))
      return
    }
    metrics.rows.inc(rows)
    deliver(parts, tensors, rows)
  }

  private failed(batch: Batch, parts: readonly Part[], rows: number, error: unknown): void {
    const { model, metrics } = this.options
    if (!(error instanceof WorkerLost)) {
      metrics.executions.inc()
      this.refused(batch, parts, rows, error)
      return
    }
    if (error.rowsSuspected) batch.losses++
    // Another run is under way, or will be.
    if (batch.done || batch.running > 0 || batch.queued) return
    if (batch.losses < maxLosses) {
      metrics.retries.inc()
      this.again(batch)
      return
    }
    batch.done = true
    const message = `${model.key}: ${maxLosses} workers were lost over these rows; ${error.message}`
    fail(parts, new PresageError('WORKER_LOST', message))
  }

  /** The runtime, or preprocess, threw over these rows; the others of the batch need not suffer for the one that is at fault. */
  private refused(batch: Batch, parts: readonly Part[], rows: number, error: unknown): void {
    if (batch.done) return
    batch.done = true
    const bisection = batch.bisection ?? { extraRuns: maxExtraRuns(rows) }
    if (rows === 1 || bisection.extraRuns < 2) {
      fail(parts, this.inferenceFailed(error))
      return
    }
    bisection.extraRuns -= 2
    // First in, first out: larger pieces come before smaller ones, so the most rows are saved if the runs run out.
    for (const half of halves(parts, rows)) this.again(new Batch(half, bisection))
  }

  private again(batch: Batch): void {
    batch.queued = true
    this.options.again(batch)
  }

  private inferenceFailed(error: unknown): PresageError {
    const message = error instanceof Error ? error.message : String(error)
    return new PresageError('INFERENCE_FAILED', `${this.options.model.key}: ${message}`)
  }
}

/** Enough to single out one bad row. */
export function maxExtraRuns(rows: number): number {
  return 2 * Math.ceil(Math.log2(rows)) + 2
}
