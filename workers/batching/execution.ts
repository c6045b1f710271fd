import type { Clock } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import { LinkedList } from '../../lib/linkedList'
import type { Model } from '../../models/contracts/model'
import type { Tensors } from '../../models/types/tensor'
import type { Inference, Origin } from '../runtime/worker'
import { WorkerLost } from '../runtime/workerLost'
import {
  Batch,
  type BatchRun,
  countRows,
  deliver,
  fail,
  halves,
  joinColumns,
  livingParts,
  type Part,
} from './batch'
import type { ModelMetrics } from './modelMetrics'
import { type HedgeBudget, hedgeTime, type InlineChoice, RunTimes } from './schedule'

/** Runs a batch: an idle worker of the pool, or this thread. */
export interface Runner {
  /** Whether it blocks this thread. Then no timer on this thread can find it slow. */
  readonly isInline: boolean
  /** Whether a run can be ended early. */
  readonly canCancel: boolean
  /** The worker that would run a batch now. */
  readonly workerId: string
  /**
   * Runs a batch. `expectedMs` is the expected time, Infinity if unknown; `deadline` is when its last caller stops
   * waiting; `signal`, if runs can be ended early, aborts with a `CancelReason`; `doubted` is called if an answer has become
   * unlikely, though it may still come. Rejects as `Worker.infer` does.
   */
  infer(
    key: string,
    tensors: Tensors,
    rows: number,
    expectedMs: number,
    deadline: number,
    origin: Origin,
    signal?: AbortSignal,
    doubted?: () => void,
  ): Promise<Inference>
}

export interface ExecutionOptions {
  readonly model: Model
  readonly clock: Clock
  readonly budget: HedgeBudget
  readonly metrics: ModelMetrics
  /** Queues a batch that needs another run. */
  readonly again: (batch: Batch) => void
  /** Arranges for `hedgeOverdue` to be called at this time. */
  readonly watch: (at: number) => void
  /** Learns how long runs take. */
  readonly choice: InlineChoice
  /** Whether more rows wait than the next batch takes. */
  readonly isCrowded: () => boolean
}

/** For so long after a worker had no room for a batch, none is sent to a second one. */
const crowdedMs = 1_000

/** After two lost workers, the rows themselves may be what kills them. */
const maxLosses = 2

/**
 * Runs batches of one model and decides what follows a failure:
 *
 *     answer ─────────────> deliver the rows to their callers
 *     worker lost ────────> run once more elsewhere, then WORKER_LOST; if rows cannot be to blame, until the deadline
 *     late or doubted ────> run a second time elsewhere (see `hedgeTime`); the first answer counts
 *     all callers gone ───> CANCELLED; the run is ended, if that is possible
 *     runtime refuses ────> split in halves until the extra runs are spent; INFERENCE_FAILED for the rest
 *     wrong shape ────────> MODEL_OUTPUT_SHAPE for all rows
 */
export class Execution {
  /** Batches that may be hedged, in the order of their runs. */
  private readonly hedgeable = new LinkedList<Batch>()
  /** Batches with runs that can be ended early. */
  private readonly cancellable = new Set<Batch>()
  private readonly times = new RunTimes()
  /** When a worker last had no room for a batch. */
  private refusedAt = Number.NEGATIVE_INFINITY

  constructor(private readonly options: ExecutionOptions) {}

  /** Starts the first run of a batch. If the batch has no rows, the runner stays idle. */
  start(batch: Batch, runner: Runner): void {
    const rows = countRows(batch.parts)
    if (rows > 0) this.run(batch, rows, runner)
  }

  /** Starts another run. If nobody waits for the batch any more, the runner stays idle. */
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
    // What is answered here must not be answered once more.
    batch.parts = parts
    if (batch.running > 0) {
      if (runner.workerId === batch.ranOn || this.isOverloaded(clock.now()) || !budget.spend()) return
      metrics.hedges.inc()
    }
    this.run(batch, rows, runner)
  }

  private run(batch: Batch, rows: number, runner: Runner): void {
    const { model, clock, metrics, budget, choice } = this.options
    const { parts } = batch
    const began = clock.now()
    let tensors: Tensors
    try {
      // Anew for each run, because the worker takes the buffers away.
      tensors = model.preprocess(joinColumns(model, parts), rows)
    } catch (error) {
      this.refused(batch, parts, rows, error)
      return
    }
    const handedOver = clock.now()
    const worker = runner.workerId
    metrics.computeInput.observe((handedOver - began) / 1000)
    budget.earn()
    batch.running++
    batch.ranOn = worker
    const expectedMs = choice.estimate(rows)
    if (runner.isInline) metrics.inlineExecutions.inc()
    else this.hedgeLater(batch, parts, handedOver, expectedMs)
    const cancel = runner.canCancel ? this.cancelLater(batch, parts) : undefined
    // Where rows wait for a server already, it is hedged in its time, if at all.
    const doubted = () => {
      if (!this.isOverloaded(clock.now())) this.hedge(batch)
    }
    const deadline = batch.lastDeadline
    const answer = runner.infer(
      model.key,
      tensors,
      rows,
      expectedMs,
      deadline,
      batch,
      cancel?.signal,
      doubted,
    )
    answer.then(
      (inference) => {
        this.ended(batch, cancel)
        if (!runner.isInline) this.times.observe(inference.computeMs, expectedMs)
        this.answered(
          batch,
          parts,
          { worker, rows, computeMs: inference.computeMs },
          began,
          inference.tensors,
        )
      },
      (error) => {
        this.ended(batch, cancel)
        this.failed(batch, parts, rows, error)
      },
    )
  }

  /** Hedges the batches that are due. Returns when the next one is due. */
  hedgeOverdue(now: number): number {
    let next = Number.POSITIVE_INFINITY
    for (const batch of this.hedgeable.toArray()) {
      if (batch.hedgeAt > now) {
        next = Math.min(next, batch.hedgeAt)
        continue
      }
      this.hedge(batch)
    }
    return next
  }

  /** Ends the runs that nobody waits for any more. Call when a caller has gone. */
  cancelUnwanted(): void {
    for (const batch of this.cancellable) {
      if (batch.done || !batch.isUnwanted) continue
      batch.done = true
      for (const { submission, from, rows } of batch.parts)
        submission.settle(from, { rows, error: submission.cancelledError() })
      batch.cancel('unwanted')
    }
  }

  private hedgeLater(batch: Batch, parts: readonly Part[], now: number, expectedMs: number): void {
    if (batch.hedged || this.options.budget.isOff) return
    let deadline = Number.POSITIVE_INFINITY
    for (const { submission } of parts) deadline = Math.min(deadline, submission.deadline)
    batch.hedgeAt = hedgeTime(now, deadline, expectedMs, this.times)
    if (batch.hedgeAt === Number.POSITIVE_INFINITY) return
    batch.hedgePlace = this.hedgeable.add(batch)
    this.options.watch(batch.hedgeAt)
  }

  /** Sends it to a second worker, unless that was done before. */
  private hedge(batch: Batch): void {
    this.noHedge(batch)
    if (batch.done || batch.hedged || batch.queued) return
    batch.hedged = true
    this.again(batch)
  }

  private isOverloaded(now: number): boolean {
    return now - this.refusedAt < crowdedMs || this.options.isCrowded()
  }

  /** Listens to the callers, so that the run can be ended when all have gone. */
  private cancelLater(batch: Batch, parts: readonly Part[]): AbortController {
    const controller = new AbortController()
    batch.cancellable.push(controller)
    this.cancellable.add(batch)
    for (const { submission } of parts) submission.listen()
    return controller
  }

  private ended(batch: Batch, cancel: AbortController | undefined): void {
    batch.running--
    this.noHedge(batch)
    if (cancel === undefined) return
    const place = batch.cancellable.indexOf(cancel)
    if (place >= 0) batch.cancellable.splice(place, 1)
    if (batch.cancellable.length === 0) this.cancellable.delete(batch)
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
    batch.cancel('outrun')
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
    const { model, clock, metrics, budget } = this.options
    if (!(error instanceof WorkerLost)) {
      metrics.executions.inc()
      if (error instanceof PresageError && error.code === 'MODEL_OUTPUT_SHAPE') {
        // Only a worker on another machine finds this itself.
        if (!batch.done) fail(parts, error)
        batch.done = true
        return
      }
      this.refused(batch, parts, rows, error)
      return
    }
    if (error.outcome === 'OVERLOADED') this.refusedAt = clock.now()
    if (error.rowsSuspected) batch.losses++
    // Another run is in progress or queued.
    if (batch.done || batch.running > 0 || batch.queued) return
    const isFree = !budget.coversRetries || !error.rowsSuspected
    if (!error.isFinal && batch.losses < maxLosses && (isFree || budget.spend())) {
      metrics.retries.inc()
      this.again(batch)
      return
    }
    batch.done = true
    const message =
      batch.losses === maxLosses && error.outcome === 'WORKER_LOST'
        ? `${model.key}: ${maxLosses} workers were lost while running these rows; ${error.message}`
        : `${model.key}: ${error.message}`
    fail(parts, new PresageError(error.outcome, message))
  }

  /** The runtime or preprocessing threw. Splits the batch, so that one bad row does not fail the others. */
  private refused(batch: Batch, parts: readonly Part[], rows: number, error: unknown): void {
    if (batch.done) return
    batch.done = true
    const bisection = batch.bisection ?? { extraRuns: maxExtraRuns(rows) }
    if (rows === 1 || bisection.extraRuns < 2) {
      fail(parts, this.inferenceFailed(error))
      return
    }
    bisection.extraRuns -= 2
    // In order of arrival, larger pieces run before smaller ones, which saves the most rows if the runs run out.
    for (const half of halves(parts, rows)) {
      const piece = new Batch(half, bisection)
      piece.ranOn = batch.ranOn
      this.again(piece)
    }
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

/** Enough to isolate one bad row. */
export function maxExtraRuns(rows: number): number {
  return 2 * Math.ceil(Math.log2(rows)) + 2
}
