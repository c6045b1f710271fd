import { setMaxListeners } from 'node:events'
import type { Clock } from '../lib/clock'
import type { Column } from '../lib/column'
import { PresageError } from '../lib/errors'
import type { Model } from '../models/model'
import type { Part } from './batch'
import { Batch, Execution, type Runner } from './execution'
import type { HedgeBudget } from './hedgeBudget'
import type { ModelMetrics } from './modelMetrics'
import { type Segment, Submission } from './submission'

export interface BatchLimits {
  readonly maxRows: number
  /** How long an idle worker waits for more rows. */
  readonly maxDelayMs: number
}

/**
 * When waiting rows may go to an idle worker, in the clock's milliseconds: a full batch at once, fewer rows when the
 * oldest has waited for `maxDelayMs`. Infinity if nothing waits.
 */
export function dueAt(waitingRows: number, oldest: number, limits: BatchLimits): number {
  if (waitingRows === 0) return Number.POSITIVE_INFINITY
  return waitingRows >= limits.maxRows ? oldest : oldest + limits.maxDelayMs
}

/** How many waiting rows the next batch takes. */
export function rowsToCut(waitingRows: number, limits: BatchLimits): number {
  return Math.min(waitingRows, limits.maxRows)
}

/**
 * Whether rows that came in this turn of the event loop are held for one more, although a worker is idle. Requests that
 * were sent together do not arrive together: the loop accepts one connection a turn, so each would leave alone. They are
 * held while every turn brings another caller, until these are enough to be worth a run, and for a tenth of the first
 * one's time at most. A turn that brings nothing takes microseconds.
 */
export function isGathering(callers: number, waitedMs: number, timeMs: number): boolean {
  return callers < enoughCallers && waitedMs < timeMs / 10
}

const enoughCallers = 8

export interface BatcherOptions {
  readonly model: Model
  readonly clock: Clock
  readonly maxQueueRows: number
  readonly budget: HedgeBudget
  /** Made here, so that the queue can be read from them. */
  readonly metrics: (queuedRows: () => number) => ModelMetrics
  /** Called when there may be something to start. */
  readonly wake: () => void
}

/**
 * The queue of one model version on one shard: joins rows of many callers into batches, in the order they came. What
 * waits is cut when a worker is idle, not before, so that under load a batch grows until it can run.
 */
export class Batcher {
  readonly key: string
  private readonly limits: BatchLimits
  private readonly metrics: ModelMetrics
  private readonly execution: Execution
  /** Submissions without a full answer; those of them that have waiting rows, in order; and how many rows these are. */
  private readonly open = new Set<Submission>()
  private readonly waiting = new Set<Submission>()
  private waitingRows = 0
  /** Rows came since `gather` was last called. */
  private hasGrown = false
  /** What waits is held for another turn of the event loop. */
  isHeld = false
  /** Batches that need another run; they go before waiting rows. */
  private readonly again: Batch[] = []
  private nextDeadline = Number.POSITIVE_INFINITY
  private cancelDeadline = () => {}

  constructor(private readonly options: BatcherOptions) {
    const { model, clock, budget, wake } = options
    const { maxRows, maxDelayMs } = model.manifest.batching
    this.key = model.key
    this.limits = { maxRows, maxDelayMs }
    this.metrics = options.metrics(() => this.waitingRows)
    this.execution = new Execution({
      model,
      clock,
      budget,
      metrics: this.metrics,
      again: (batch) => {
        this.again.push(batch)
        wake()
      },
    })
  }

  /** As `Shard.submit`. */
  submit(
    columns: readonly Column[],
    rows: number,
    options: { deadline: number; signal?: AbortSignal },
  ): Promise<readonly Segment[]> {
    if (rows === 0) return Promise.resolve([])
    const { clock, maxQueueRows } = this.options
    if (this.waitingRows + rows > maxQueueRows) {
      const message = `${this.key}: the queue takes ${maxQueueRows} rows and holds ${this.waitingRows}, got ${rows} more`
      return Promise.reject(new PresageError('OVERLOADED', message))
    }
    const now = clock.now()
    const { deadline, signal } = options
    const submission = new Submission(this.key, columns, rows, now, deadline, (settled) =>
      this.close(settled),
    )
    if (signal?.aborted) {
      this.cancel(submission)
    } else if (deadline <= now) {
      submission.expire(now)
    } else {
      this.enqueue(submission, signal)
    }
    return submission.answer
  }

  /** To be called at the end of a turn of the event loop: whether what came in it waits for the next one. */
  gather(now: number): boolean {
    const mayBeHeld = this.hasGrown && this.again.length === 0 && this.waitingRows < this.limits.maxRows
    this.isHeld = mayBeHeld && this.isGathering(now)
    this.hasGrown = false
    return this.isHeld
  }

  /** When the next batch may start; Infinity if nothing waits. */
  dueAt(): number {
    if (this.again.length > 0) return this.again[0].since
    return dueAt(this.waitingRows, this.oldestWaiting(), this.limits)
  }

  /** Since when the oldest row that waits has been here; Infinity if none does. */
  oldest(): number {
    const again = this.again.length > 0 ? this.again[0].since : Number.POSITIVE_INFINITY
    return Math.min(again, this.oldestWaiting())
  }

  /** Starts the next batch, unless nobody waits for it any more. */
  startNext(runner: Runner): void {
    this.execution.start(this.again.shift() ?? this.cut(), runner)
  }

  status(): { key: string; waitingRows: number; openSubmissions: number } {
    return { key: this.key, waitingRows: this.waitingRows, openSubmissions: this.open.size }
  }

  /** Resolves when every caller has been answered. */
  async drain(): Promise<void> {
    while (this.open.size > 0) await Promise.all([...this.open].map((submission) => submission.answer))
  }

  private enqueue(submission: Submission, signal: AbortSignal | undefined): void {
    this.open.add(submission)
    this.waiting.add(submission)
    this.waitingRows += submission.rows
    this.hasGrown = true
    if (submission.deadline < this.nextDeadline) this.watchDeadline(submission.deadline)
    if (signal) {
      // A client's request may have many submissions in flight; more than ten listeners are no leak.
      setMaxListeners(Number.POSITIVE_INFINITY, signal)
      const listener = () => this.cancel(submission)
      signal.addEventListener('abort', listener)
      submission.stopListening = () => signal.removeEventListener('abort', listener)
    }
    this.options.wake()
  }

  private isGathering(now: number): boolean {
    for (const { submittedAt, deadline } of this.waiting) {
      return isGathering(this.waiting.size, now - submittedAt, deadline - submittedAt)
    }
    return false
  }

  /** Takes waiting rows in order, as many as fit, passing by those whose deadline is over. */
  private cut(): Batch {
    const now = this.options.clock.now()
    const parts: Part[] = []
    let room = rowsToCut(this.waitingRows, this.limits)
    for (const submission of this.waiting) {
      if (room === 0) break
      if (submission.deadline <= now) {
        submission.expire(now)
        continue
      }
      const rows = Math.min(room, submission.waitingRows)
      parts.push({ submission, from: submission.taken, rows })
      this.metrics.queue.observe((now - submission.submittedAt) / 1000)
      this.take(submission, rows)
      room -= rows
    }
    return new Batch(parts)
  }

  /** These rows wait no longer. */
  private take(submission: Submission, rows: number): void {
    submission.taken += rows
    if (!this.waiting.has(submission)) return
    this.waitingRows -= rows
    if (submission.waitingRows === 0) this.waiting.delete(submission)
  }

  /** The caller has gone: what waits is answered now, what runs when it is done. */
  private cancel(submission: Submission): void {
    submission.cancelled = new PresageError('CANCELLED', `${this.key}: the caller has gone`)
    const from = submission.taken
    const rows = submission.waitingRows
    if (rows === 0) return
    this.take(submission, rows)
    submission.settle(from, { rows, error: submission.cancelled })
  }

  private close(submission: Submission): void {
    this.take(submission, submission.waitingRows)
    this.open.delete(submission)
    submission.stopListening()
  }

  /** One timer, for the earliest deadline; most often the rows are answered by then and it moves on to the next. */
  private watchDeadline(deadline: number): void {
    this.cancelDeadline()
    this.nextDeadline = deadline
    const { clock } = this.options
    this.cancelDeadline = clock.after(deadline - clock.now(), () => this.expireOverdue())
  }

  private expireOverdue(): void {
    const now = this.options.clock.now()
    let next = Number.POSITIVE_INFINITY
    for (const submission of this.open) {
      if (submission.deadline <= now) submission.expire(now)
      else next = Math.min(next, submission.deadline)
    }
    this.nextDeadline = Number.POSITIVE_INFINITY
    if (next < Number.POSITIVE_INFINITY) this.watchDeadline(next)
  }

  private oldestWaiting(): number {
    for (const submission of this.waiting) return submission.submittedAt
    return Number.POSITIVE_INFINITY
  }
}
