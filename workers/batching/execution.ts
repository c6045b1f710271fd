import type { Clock } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import { LinkedList, type ListNode } from '../../lib/scheduling/linkedList'
import type { Model } from '../../models/contracts/model'
import type { Tensors } from '../../models/types/tensor'
import type { Inference } from '../runtime/worker'
import { WorkerLost } from '../runtime/workerLost'
import { buildTensors, countRows, deliver, fail, halves, livingParts, type Part } from './batch'
import type { HedgeBudget } from './hedgeBudget'
import type { InlineChoice } from './inlineChoice'
import type { ModelMetrics } from './modelMetrics'
import type { BatchRun } from './submission'

/** Rows that go to a worker together, and how far that has come. */
export class Batch {
  /** Runs that have no answer yet: two if it was hedged. */
  running = 0
  /** Where it stands among those that may be sent to a second worker. */
  hedgePlace: ListNode<Batch> | undefined
  /** Waits for another run. */
  queued = false
  hedged = false
  /** Workers lost over it that may have died of its rows. */
  losses = 0
  /** Every row has its answer, or has gone to another batch. */
  done = false
  /** When it is sent to a second worker, in the clock's milliseconds. */
  hedgeAt = Number.POSITIVE_INFINITY
  /** Since when its oldest row has been here, and the first deadline of its callers. */
  readonly since: number
  readonly deadline: number

  constructor(
    readonly parts: readonly Part[],
    /** Shared by all pieces of a batch that the runtime refused. */
    readonly bisection?: { extraRuns: number },
  ) {
    let since = Number.POSITIVE_INFINITY
    let deadline = Number.POSITIVE_INFINITY
    for (const { submission } of parts) {
      if (submission.submittedAt < since) since = submission.submittedAt
      if (submission.deadline < deadline) deadline = submission.deadline
    }
    this.since = since
    this.deadline = deadline
  }
}

/** Who runs a batch: an idle seat of the pool, or this thread. */
export interface Runner {
  /** It blocks this thread: no clock of this thread finds it slow before it has answered. */
  readonly isInline: boolean
  /** Who would run a batch that starts now. */
  readonly workerId: string
  /** Has them run; `expectedMs` is what that is expected to take, Infinity if nobody knows. Rejects as `Worker.infer` does. */
  infer(key: string, tensors: Tensors, rows: number, expectedMs: number): Promise<Inference>
}

export interface ExecutionOptions {
  readonly model: Model
  readonly clock: Clock
  readonly budget: HedgeBudget
  readonly metrics: ModelMetrics
  /** Takes a batch that needs another run. */
  readonly again: (batch: Batch) => void
  /** Has `hedgeOverdue` called at this time. */
  readonly watch: (at: number) => void
  /** Learns what the runs take. */
  readonly choice: InlineChoice
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
  /** Batches that a second worker may be sent, in the order of their runs. */
  private readonly hedgeable = new LinkedList<Batch>()

  constructor(private readonly options: ExecutionOptions) {}

  /** Starts the first run of a batch whose rows have just been found waiting. Without rows the runner stays idle. */
  start(batch: Batch, runner: Runner): void {
    const rows = countRows(batch.parts)
    if (rows > 0) this.run(batch, batch.parts, rows, runner)
  }

  /** Starts another run, unless it turns out that nobody waits for it any more; then the runner stays idle. */
  startAgain(batch: Batch, runner: Runner): void {
    const { clock, metrics, budget } = this.options
    batch.queued = false
    if (batch.done) return
    const parts = livingParts(batch.parts, clock.now(), batch.running > 0)
    const rows = countRows(parts)
    if (rows === 0) {
      batch.done = batch.running === 0
      return
    }
    if (batch.running > 0) {
      if (!budget.spend()) return
      metrics.hedges.inc()
    }
    this.run(batch, parts, rows, runner)
  }

  private run(batch: Batch, parts: readonly Part[], rows: number, runner: Runner): void {
    const { model, clock, metrics, budget, choice } = this.options
    const began = clock.now()
    let tensors: Tensors
    try {
      tensors = buildTensors(model, parts, rows)
    } catch (error) {
      this.refused(batch, parts, rows, error)
      return
    }
    const handedOver = clock.now()
    const worker = runner.workerId
    metrics.computeInput.observe((handedOver - began) / 1000)
    budget.earn()
    batch.running++
    if (runner.isInline) metrics.inlineExecutions.inc()
    else this.hedgeLater(batch, parts, handedOver)
    runner.infer(model.key, tensors, rows, choice.estimate(rows)).then(
      (inference) => {
        this.ended(batch)
        this.answered(
          batch,
          parts,
          { worker, rows, computeMs: inference.computeMs },
          began,
          inference.tensors,
        )
      },
      (error) => {
        this.ended(batch)
        this.failed(batch, parts, rows, error)
      },
    )
  }

  /** Sends batches to a second worker whose time for it has come. Yields when the next one's comes. */
  hedgeOverdue(now: number): number {
    let next = Number.POSITIVE_INFINITY
    for (const batch of this.hedgeable.toArray()) {
      if (batch.hedgeAt > now) {
        next = Math.min(next, batch.hedgeAt)
        continue
      }
      this.noHedge(batch)
      if (batch.done || batch.hedged) continue
      batch.hedged = true
      this.again(batch)
    }
    return next
  }

  /** Half of what is left until the first deadline: then there is time for another to answer. */
  private hedgeLater(batch: Batch, parts: readonly Part[], now: number): void {
    if (batch.hedged) return
    let deadline = Number.POSITIVE_INFINITY
    for (const { submission } of parts) deadline = Math.min(deadline, submission.deadline)
    if (deadline === Number.POSITIVE_INFINITY) return
    batch.hedgeAt = now + (deadline - now) / 2
    batch.hedgePlace = this.hedgeable.add(batch)
    this.options.watch(batch.hedgeAt)
  }

  private ended(batch: Batch): void {
    batch.running--
    this.noHedge(batch)
  }

  private noHedge(batch: Batch): void {
    if (batch.hedgePlace === undefined) return
    this.hedgeable.remove(batch.hedgePlace)
    batch.hedgePlace = undefined
  }

  private answered(
    batch: Batch,
    parts: readonly Part[],
    run: BatchRun,
    began: number,
    tensors: Tensors,
  ): void {
    const { model, metrics, choice } = this.options
    const { rows, computeMs } = run
    metrics.executions.inc()
    metrics.computeInfer.observe(computeMs / 1000)
    choice.observe(rows, computeMs)
    if (batch.done) return
    batch.done = true
    try {
      model.checkOutputs(tensors, rows)
    } catch (error) {
      fail(parts, error instanceof PresageError ? error : this.inferenceFailed(error))
      return
    }
    metrics.rows.inc(rows)
    deliver(parts, tensors, run, began)
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
