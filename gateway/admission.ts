import { AnswerCost } from './answerCost'

/**
 * Decides at the door, before anything is read, whether a request can still be answered in time: while the event loop has
 * no time left, each one that is taken makes all others later, and one that is answered too late has cost as much as an answer.
 *
 * It is on its guard once an answer came too late, and as long as it has to refuse; before, nothing is refused, for a burst
 * that takes long to answer is no overload. On its guard it refuses a request where the longest that it can have waited to be read, and
 * the work of all those before it, are more than its time, less some for what cannot be foretold; but only while
 * the loop does not rest: requests that wait for others (a subgraph elsewhere, a worker) keep nobody from being
 * answered. What the loop does for an answer is learned from what it has done lately (`AnswerCost`).
 *
 * A limit of concurrency by Little's law, per request's deadline; that the queue must be a standing one is CoDel's (Nichols and
 * Jacobson, 2012).
 */
export class Admission {
  private inside = 0
  private readonly interval = { began: Number.NEGATIVE_INFINITY, restedMs: 0, answered: 0, refused: 0 }
  /** The last interval had no rest. */
  private wasBusy = false
  private readonly cost = new AnswerCost()
  private guardedUntil = Number.NEGATIVE_INFINITY
  /** When the first request of this turn of the event loop was read, and that of the turn before. */
  private turn: number | undefined
  private turnBefore: number | undefined

  constructor(
    /** How long the event loop has rested so far, in milliseconds. */
    private readonly rested: () => number,
    /** Has a function called once at the end of this turn of the event loop. */
    private readonly atEndOfTurn: (callback: () => void) => void,
  ) {}

  /**
   * Whether a request that has `timeoutMs` from now on can be answered in time. `sentAfter`: when its client had the answer before
   * this one. Times are milliseconds of one clock.
   */
  takes(now: number, timeoutMs: number, sentAfter = Number.NEGATIVE_INFINITY): boolean {
    const { began, answered } = this.interval
    // A turn that has only taken requests in so far says nothing of the answers that will come of it.
    if (now - began >= (answered > 0 ? intervalMs : forgottenMs)) this.look(now)
    const answerMs = this.cost.estimate
    if (this.inside === 0 || answerMs === undefined) return true
    // Even before it counts: it keeps the time of the turns.
    const expectedMs = this.expectedMs(now, sentAfter, answerMs)
    if (now > this.guardedUntil || expectedMs <= timeoutMs * usable || !this.isBusy(now)) return true
    this.interval.refused++
    this.guardedUntil = now + guardMs
    return false
  }

  /** One that is taken; it must `leave`. */
  enter(): void {
    this.inside++
  }

  /** It has its answer, or does not want it any more; and whether that came too late. */
  leave(now: number, wasLate: boolean): void {
    this.inside--
    this.interval.answered++
    if (wasLate) this.guardedUntil = now + guardMs
  }

  /**
   * The most that passes from its sending to its answer: whoever is read in this turn of the loop has come since the one before
   * began, and of the work of those inside, what was done in this turn has been done.
   */
  private expectedMs(now: number, sentAfter: number, answerMs: number): number {
    if (this.turn === undefined) {
      this.turn = now
      if (this.turnBefore === undefined) this.atEndOfTurn(this.endTurn)
    }
    const sent = Math.max(sentAfter, this.turnBefore ?? this.turn)
    const answered = this.turn + (this.inside + 1) * answerMs
    return Math.max(now, answered) - sent
  }

  /** Goes on for as long as every turn brings a request. */
  private readonly endTurn = (): void => {
    this.turnBefore = this.turn
    this.turn = undefined
    if (this.turnBefore !== undefined) this.atEndOfTurn(this.endTurn)
  }

  private isBusy(now: number): boolean {
    if (this.wasBusy) return true
    const { began, restedMs } = this.interval
    return isBusy(now - began, this.rested() - restedMs)
  }

  private look(now: number): void {
    const { interval } = this
    const elapsed = now - interval.began
    const restedMs = this.rested()
    const rest = restedMs - interval.restedMs
    this.wasBusy = isBusy(elapsed, rest)
    if (elapsed < forgottenMs) this.cost.observe(elapsed - rest, interval.answered, interval.refused)
    else this.cost.forget()
    interval.began = now
    interval.restedMs = restedMs
    interval.answered = 0
    interval.refused = 0
  }
}

function isBusy(elapsedMs: number, restMs: number): boolean {
  return elapsedMs >= shortestMs && restMs < elapsedMs * idleShare
}

/** How often it is looked at what the loop has done, at most; in milliseconds. */
const intervalMs = 25
/** Time in which a loop can be told to be busy. */
const shortestMs = 5
/** A loop that rests less than this share of its time is busy. */
const idleShare = 0.1
/** The share of a request's time that may be planned with. */
const usable = 0.5
/** How long it stays on its guard for an answer that came too late, or one that would have. */
const guardMs = 1_000
/** What was learned is forgotten after an interval of so many milliseconds. */
const forgottenMs = 1_000
