import { type Clock, EarliestTimer } from '../../lib/clock'
import type { Column } from '../../lib/column'
import { PresageError } from '../../lib/errors'
import { LinkedList } from '../../lib/linkedList'
import { type Caller, fairShares } from '../../lib/request/caller'
import { FairQueue, type FairRounds } from '../../lib/scheduling/fairQueue'
import type { Model } from '../../models/contracts/model'
import { Batch, countRows, fail, type Part, type Segment, Submission, type SubmissionOwner } from './batch'
import { Execution, type Runner } from './execution'
import type { ModelMetrics } from './modelMetrics'
import {
  type BatchLimits,
  dueAt,
  type HedgeBudget,
  type InlineChoice,
  isGathering,
  isKeptWhole,
  leastWait,
  rowsToCut,
} from './schedule'

export interface BatcherOptions {
  readonly model: Model
  readonly clock: Clock
  readonly maxQueueRows: number
  readonly budget: HedgeBudget
  /** Learns how long runs take. */
  readonly choice: InlineChoice
  /** How many workers hold the version. */
  readonly workers: () => number
  /** Makes the metrics, given a function that reads the queue's length. */
  readonly metrics: (queuedRows: () => number) => ModelMetrics
  /** Called when there may be something to start. */
  readonly wake: () => void
  /** Whether nobody waits for its answers, so that it only gets spare capacity. */
  readonly isSpare?: boolean
}

/**
 * The queue of one model version on one shard. Joins rows of many callers into batches: clients take turns, and each
 * client's submissions go by priority, then by earliest deadline, then by arrival. Batches are cut only when a worker is idle, so that
 * under load they grow until they can run.
 */
export class Batcher implements SubmissionOwner {
  readonly key: string
  readonly choice: InlineChoice
  /** Whether its rows run after all others, and never on this thread. */
  readonly isSpare: boolean
  private readonly limits: BatchLimits
  private readonly metrics: ModelMetrics
  private readonly execution: Execution
  /** Submissions without a full answer; those of them with waiting rows, in order; and the number of these rows. */
  private readonly open = new LinkedList<Submission>()
  private readonly waiting: FairQueue<Submission>
  /** How many rows a client may take before the next client's turn. */
  private readonly roundRows: number
  private waitingRows = 0
  /** Whether rows came since the last call of `gather`. */
  private hasGrown = false
  /** Whether waiting rows are held for another turn of the event loop. */
  isHeld = false
  /** Batches that need another run. They go before waiting rows. */
  private again: Batch[] = []
  /** Why no more rows are accepted; undefined if they are. */
  private refusal: PresageError | undefined
  /** New submissions whose callers are not listened to yet. */
  private unheard: Submission[] = []
  /** For the earliest deadline of a submission and the earliest hedge of a batch. */
  private readonly timer: EarliestTimer

  constructor(private readonly options: BatcherOptions) {
    const { model, clock, budget, choice, wake } = options
    const { maxRows, maxDelayMs } = model.manifest.batching
    this.key = model.key
    this.choice = choice
    this.isSpare = options.isSpare === true
    this.limits = { maxRows, maxDelayMs }
    this.roundRows = Math.min(maxRows, mostRoundRows)
    this.waiting = new FairQueue({ part: this.roundRows, weightOf: fairShares.weightOf })
    this.metrics = options.metrics(() => this.waitingRows)
    this.timer = new EarliestTimer(clock, () => this.look())
    this.execution = new Execution({
      model,
      clock,
      budget,
      metrics: this.metrics,
      again: (batch) => {
        if (this.refusal !== undefined) {
          refuse(batch, this.refusal)
          return
        }
        this.again.push(batch)
        wake()
      },
      watch: (at) => this.timer.watch(at),
      choice,
      isCrowded: () => this.waitingRows > maxRows,
    })
  }

  /** As `Shard.submit`. */
  submit(
    columns: readonly Column[],
    rows: number,
    options: { deadline: number; priority?: number; caller?: Caller },
  ): Promise<readonly Segment[]> {
    if (rows === 0) return Promise.resolve([])
    if (this.refusal !== undefined) return Promise.reject(this.refusal)
    const { clock, maxQueueRows } = this.options
    if (this.waitingRows + rows > maxQueueRows && !this.hasPart(options.caller?.client, rows)) {
      const message = `${this.key}: the queue takes ${maxQueueRows} rows and holds ${this.waitingRows}, got ${rows} more`
      return Promise.reject(new PresageError('OVERLOADED', message))
    }
    const now = clock.now()
    const { deadline, priority = usualPriority, caller } = options
    const submission = new Submission(this.key, columns, rows, now, deadline, priority, caller, this)
    if (submission.isCancelled) {
      this.cancel(submission)
    } else if (deadline <= now) {
      submission.expire(now)
    } else if (this.open.size > 0 && now + this.leastWait(submission) > deadline) {
      // Only while others are pending: their runs will show when the model is faster again.
      submission.settle(0, { rows, error: this.tooLate(submission, now) })
    } else {
      this.enqueue(submission)
    }
    return submission.answer
  }

  /** Whether there is anything to start. */
  get hasWork(): boolean {
    return this.waitingRows > 0 || this.again.length > 0
  }

  /** Call at the end of a turn of the event loop. Whether to hold the rows that came in it for another turn. */
  gather(now: number): boolean {
    const mayBeHeld = this.hasGrown && this.again.length === 0 && this.waitingRows < this.limits.maxRows
    this.isHeld = mayBeHeld && this.isGathering(now)
    this.hasGrown = false
    return this.isHeld
  }

  /** When the next batch may start, in the clock's milliseconds; Infinity if nothing waits. */
  dueAt(): number {
    if (this.again.length > 0) return this.again[0].since
    return dueAt(this.waitingRows, this.firstSince(), this.limits)
  }

  /** Since when the next rows have been waiting; Infinity if nothing waits. */
  nextSince(): number {
    const again = this.again.length > 0 ? this.again[0].since : Number.POSITIVE_INFINITY
    return Math.min(again, this.firstSince())
  }

  /** The deadline of the next rows; Infinity if they have none, or nothing waits. */
  nextDeadline(): number {
    if (this.again.length > 0) return this.again[0].deadline
    return this.waiting.next?.deadline ?? Number.POSITIVE_INFINITY
  }

  /** The worker that should not run the next batch, because it ran it before. */
  nextAvoids(): string | undefined {
    return this.again.length > 0 ? this.again[0].ranOn : undefined
  }

  /** The most rows of the next batch. `isInline` says that it will run on this thread. */
  nextRows(isInline: boolean): number {
    if (this.again.length > 0) return countRows(this.again[0].parts)
    const most = rowsToCut(this.waitingRows, this.limits)
    return isInline ? Math.min(most, this.joinedInline()) : most
  }

  /** The client whose rows are next. Call it only while there is something to start. */
  nextClient(): string {
    const next = this.again.length > 0 ? this.again[0].parts[0].submission : this.waiting.next
    return next?.client ?? ''
  }

  /** Whether the client whose rows are next is crowding this thread. */
  get isNextCrowding(): boolean {
    return this.again.length === 0 && this.waiting.next?.isCrowding === true
  }

  /** Makes it the turn of a client that is not crowding this thread. False if all that wait are. */
  favourOthers(): boolean {
    this.waiting.favour((client) => Number(this.waiting.lastOf(client)!.isCrowding), 0)
    return !this.isNextCrowding
  }

  /** Makes it the turn of the client in the earliest round, unless a batch has to run again. Returns the round. */
  favour(rounds: FairRounds): number {
    if (this.again.length === 0) this.waiting.favour(rounds.roundOf, rounds.current)
    return rounds.roundOf(this.nextClient())
  }

  /** Starts the next batch, unless nobody waits for it any more. Charges its clients in `rounds`. */
  startNext(runner: Runner, now: number, rounds?: FairRounds): void {
    const again = this.again.shift()
    const batch = again ?? this.cut(now, this.nextRows(runner.isInline))
    if (rounds !== undefined) this.charge(batch, rounds)
    if (again === undefined) this.execution.start(batch, runner)
    else this.execution.startAgain(batch, runner)
  }

  /**
   * Starts listening for callers of waiting rows that go away. Called when rows have to wait for a busy worker: rows
   * that are taken at once are only checked, because a listener costs more.
   */
  listen(): void {
    if (this.unheard.length === 0) return
    for (const submission of this.unheard) {
      if (submission.waitingRows === 0) continue
      if (submission.isCancelled) this.cancel(submission)
      else submission.listen()
    }
    this.unheard = []
  }

  status(): { key: string; waitingRows: number } {
    return { key: this.key, waitingRows: this.waitingRows }
  }

  /** Call when nothing more is submitted. Resolves when every caller has been answered. */
  async drain(): Promise<void> {
    while (this.open.size > 0) await Promise.all(this.open.toArray().map((submission) => submission.answer))
  }

  /** Refuses with this error all waiting rows, all batches that would need another run, and all future submissions. */
  refuse(error: PresageError): void {
    this.refusal = error
    for (const batch of this.again) refuse(batch, error)
    this.again = []
    for (let next = this.waiting.next; next !== undefined; next = this.waiting.next) this.giveUp(next, error)
  }

  /** Call once drained. */
  dispose(): void {
    this.timer.stop()
    this.metrics.close()
  }

  /**
   * Called when the caller has gone: answers waiting rows at once, running rows at the end of their run, or when that is
   * cancelled.
   */
  cancel(submission: Submission): void {
    this.giveUp(submission, submission.cancelledError())
    this.execution.cancelUnwanted()
  }

  close(submission: Submission): void {
    if (submission.waitingRows > 0) this.take(submission, submission.waitingRows)
    if (submission.openPlace !== undefined) this.open.remove(submission.openPlace)
  }

  private giveUp(submission: Submission, error: PresageError): void {
    const from = submission.taken
    const rows = submission.waitingRows
    if (rows === 0) return
    this.take(submission, rows)
    submission.settle(from, { rows, error })
  }

  /** Whether a client may add this many rows to a full queue, because it has less than its equal share of it. */
  private hasPart(client = '', rows: number): boolean {
    const clients = this.waiting.senders + (this.waiting.lastOf(client) === undefined ? 1 : 0)
    return clients > 1 && this.ownRows(client) + rows <= this.options.maxQueueRows / clients
  }

  /** The least wait for one more row like those of the submission. */
  private leastWait(submission: Submission): number {
    return leastWait(
      this.rowsBefore(submission),
      this.limits.maxRows,
      Math.max(1, this.options.workers()),
      this.leastRun,
    )
  }

  /**
   * How many waiting rows go before those of a new submission: its client's rows that are at least as urgent, and for
   * each other client as many rows plus one round.
   */
  private rowsBefore(submission: Submission): number {
    const { client } = submission
    const own = this.ownRows(client, submission)
    const others = this.waiting.senders - (this.waiting.lastOf(client) === undefined ? 0 : 1)
    return others === 0 ? own : Math.min(this.waitingRows, own + others * (own + this.roundRows))
  }

  /** The client's waiting rows; with `next`, only those that it would wait for. */
  private ownRows(client: string, next?: Submission): number {
    const last = this.waiting.lastOf(client)
    if (last === undefined) return 0
    const goesBefore = (submission: Submission) => next !== undefined && isMoreUrgent(next, submission)
    if (this.waiting.senders === 1 && !goesBefore(last)) return this.waitingRows
    let rows = 0
    this.waiting.some((submission) => {
      if (goesBefore(submission)) return true
      rows += submission.waitingRows
      return false
    }, client)
    return rows
  }

  /**
   * The next run on this thread follows at once, so submissions are joined only until the batch is efficient, and those
   * of clients that crowd this thread are not.
   */
  private joinedInline(): number {
    const enough = this.choice.enoughRows
    if (this.waitingRows <= enough && this.waiting.senders === 1) return this.waitingRows
    let rows = 0
    this.waiting.some((submission) => {
      if (rows > 0 && submission.isCrowding) return true
      rows += submission.waitingRows
      return rows >= enough
    })
    return rows
  }

  /** Zero before the first run: nothing is known yet, so nothing is refused. */
  private readonly leastRun = (rows: number): number => {
    const ms = this.choice.estimate(rows)
    return ms === Number.POSITIVE_INFINITY ? 0 : ms
  }

  private tooLate(submission: Submission, now: number): PresageError {
    const { deadline } = submission
    const left = `${(deadline - now).toFixed(1)} ms are left`
    const needed = `at least ${this.leastWait(submission).toFixed(1)} ms are needed`
    return new PresageError(
      'DEADLINE_EXCEEDED',
      `${this.key}: no answer can come before the deadline: ${left}, ${this.rowsBefore(submission)} rows go before, ${needed}`,
    )
  }

  private enqueue(submission: Submission): void {
    submission.openPlace = this.open.add(submission)
    submission.waitingPlace = this.waiting.add(submission.client, submission, isMoreUrgent)
    this.waitingRows += submission.rows
    this.hasGrown = true
    this.unheard.push(submission)
    this.timer.watch(submission.deadline)
    this.options.wake()
  }

  private isGathering(now: number): boolean {
    // A client should not wait for more rows of another client.
    if (this.waiting.senders > 1) return false
    const { next: first } = this.waiting
    if (first === undefined || first.caller?.isOnlyRequest) return false
    const { submittedAt, deadline } = first
    return isGathering(this.waiting.size, now - submittedAt, deadline - submittedAt)
  }

  /**
   * Takes up to `most` waiting rows in order, and answers submissions that are late or whose caller has gone. A
   * submission is not split if the batch is large enough without it.
   */
  private cut(now: number, most: number): Batch {
    const parts: Part[] = []
    let room = most
    while (room > 0) {
      const submission = this.waiting.next
      if (submission === undefined) break
      if (submission.deadline <= now) {
        submission.expire(now)
        continue
      }
      if (submission.isCancelled) {
        this.cancel(submission)
        continue
      }
      if (isKeptWhole(submission.waitingRows, room, most)) break
      const rows = Math.min(room, submission.waitingRows)
      parts.push({ submission, from: submission.taken, rows })
      this.metrics.queue.observe((now - submission.submittedAt) / 1000)
      this.waiting.charge(submission.client, rows)
      this.take(submission, rows)
      room -= rows
    }
    return new Batch(parts)
  }

  /** Charges each client for its part of a run's expected time. */
  private charge({ parts }: Batch, rounds: FairRounds): void {
    const all = countRows(parts)
    const ms = this.choice.estimate(all)
    // Nothing is known before the first run, which then counts a millisecond.
    const rowMs = (ms === Number.POSITIVE_INFINITY ? 1 : ms) / all
    for (const { submission, rows } of parts) rounds.charge(submission.client, rows * rowMs)
  }

  /** Removes rows from the waiting ones. */
  private take(submission: Submission, rows: number): void {
    submission.taken += rows
    if (submission.waitingPlace === undefined) return
    this.waitingRows -= rows
    if (submission.waitingRows > 0) return
    this.waiting.remove(submission.waitingPlace)
    submission.waitingPlace = undefined
  }

  private look(): void {
    const now = this.options.clock.now()
    let next = Number.POSITIVE_INFINITY
    for (const submission of this.open.toArray()) {
      if (submission.deadline <= now) submission.expire(now)
      else next = Math.min(next, submission.deadline)
    }
    this.timer.watch(Math.min(next, this.execution.hedgeOverdue(now)))
  }

  private firstSince(): number {
    return this.waiting.next?.submittedAt ?? Number.POSITIVE_INFINITY
  }
}

function refuse(batch: Batch, error: PresageError): void {
  if (batch.done) return
  batch.done = true
  fail(batch.parts, error)
}

/** Few enough for a small model to answer quickly. Large models have small batches, of one round each. */
const mostRoundRows = 64

/** Between the highest priority, 1, and those that can wait. */
const usualPriority = 2

function isMoreUrgent(one: Submission, other: Submission): boolean {
  return one.priority === other.priority ? one.deadline < other.deadline : one.priority < other.priority
}
