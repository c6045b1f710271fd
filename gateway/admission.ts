/**
 * Decides at the door, before anything is read, whether a request can still be answered in time: while the event loop has
 * no time left, each one that is taken makes all others later, and one that is answered too late has cost as much as an answer.
 *
 * By Little's law a request is in time as long as no more are inside than what is answered in its time; so the limit is a number of
 * requests for each millisecond of the request's own time. It is found as TCP finds its window (additive increase, multiplicative decrease): it
 * rises with each answer that took no more than `target` of its time, and falls, once for all that were inside then, with one that
 * took more. There is none before an answer was too late that had others beside it, since a burst that takes long is no overload, nor after ten seconds
 * without refusals. And nobody is refused, nor is it lowered, while the loop rests: requests that wait for others (a subgraph
 * elsewhere, a worker) keep nobody from being answered.
 */
export class Admission {
  private inside = 0
  /** How many may be inside for each millisecond that a request has. */
  private perMs = Number.POSITIVE_INFINITY
  /** Answers to what was taken before say nothing of the limit as it is now. */
  private loweredAt = Number.NEGATIVE_INFINITY
  private neededAt = Number.NEGATIVE_INFINITY
  private readonly interval = { began: Number.NEGATIVE_INFINITY, restedMs: 0 }
  /** The last interval had no rest. */
  private wasBusy = false
  /** When the first request of this turn of the event loop was read, and that of the turn before. */
  private turn: number | undefined
  private turnBefore: number | undefined

  constructor(
    /** How long the event loop has rested so far, in milliseconds. */
    private readonly rested: () => number,
    /** Has a function called once at the end of this turn of the event loop. */
    private readonly atEndOfTurn: (callback: () => void) => void,
  ) {}

  /** Whether a request that has `timeoutMs` from now on is let in. Times are milliseconds of one clock. */
  takes(now: number, timeoutMs: number): boolean {
    this.look(now)
    if (now - this.neededAt > keptMs) this.perMs = Number.POSITIVE_INFINITY
    if (this.inside < Math.max(1, this.perMs * timeoutMs) || !this.isBusy(now)) return true
    this.neededAt = now
    return false
  }

  /**
   * One that is taken; it must `leave`. `sentAfter`: when its client had the answer before this one. Whoever is read in this turn of the
   * loop has come since the one before began.
   */
  enter(now: number, timeoutMs: number, sentAfter = Number.NEGATIVE_INFINITY): Visit {
    this.inside++
    const sent = Math.min(now, Math.max(sentAfter, this.turnBefore ?? now))
    return { sent, takenAt: now, timeoutMs, inside: this.inside }
  }

  /** It has its answer; or does not want it any more, which tells nothing of how long it would have taken. */
  leave(now: number, visit: Visit, isAnswered = true): void {
    this.inside--
    const used = (now - visit.sent) / visit.timeoutMs
    if (used > target) this.lower(now, visit, used)
    else if (isAnswered) this.raise(visit)
  }

  private lower(now: number, { takenAt, timeoutMs, inside }: Visit, used: number): void {
    if (takenAt < this.loweredAt || !this.isBusy(now)) return
    if (this.perMs === Number.POSITIVE_INFINITY) {
      if (used < 1 || inside < fewestInside) return
      this.perMs = (inside / timeoutMs) * (target / used)
    } else this.perMs *= decrease
    this.loweredAt = now
    this.neededAt = now
  }

  private raise({ timeoutMs, inside }: Visit): void {
    const limit = this.perMs * timeoutMs
    // Where far fewer were inside, that they were in time does not tell that more would have been.
    if (inside >= limit / 2) this.perMs += (this.perMs * increase) / Math.max(1, limit)
  }

  private look(now: number): void {
    if (this.turn === undefined) {
      this.turn = now
      if (this.turnBefore === undefined) this.atEndOfTurn(this.endTurn)
    }
    const { interval } = this
    if (now - interval.began < intervalMs) return
    this.wasBusy = this.isWithoutRest(now)
    interval.began = now
    interval.restedMs = this.rested()
  }

  /** Goes on for as long as every turn brings a request. */
  private readonly endTurn = (): void => {
    this.turnBefore = this.turn
    this.turn = undefined
    if (this.turnBefore !== undefined) this.atEndOfTurn(this.endTurn)
  }

  private isBusy(now: number): boolean {
    return this.wasBusy || this.isWithoutRest(now)
  }

  private isWithoutRest(now: number): boolean {
    const { began, restedMs } = this.interval
    const elapsed = now - began
    return elapsed >= shortestMs && this.rested() - restedMs < elapsed * idleShare
  }
}

/** A request from when it was taken. */
export interface Visit {
  /** The earliest that it can have been sent. */
  readonly sent: number
  readonly takenAt: number
  readonly timeoutMs: number
  /** How many were inside with it. */
  readonly inside: number
}

/** The share of its time that an answer may take: the collector and neighbours of the machine cannot be foretold. */
const target = 0.6
const decrease = 0.8
/** A late answer while fewer were inside tells of a slow request or a stall, not of too many. */
const fewestInside = 16
/** By how much the limit rises when so many have been answered as it lets in. */
const increase = 0.04
/** How long a limit is kept that refuses nobody. */
const keptMs = 10_000
/** How often it is looked at whether the loop rests, at most; in milliseconds. */
const intervalMs = 25
/** Time in which a loop can be told to be busy. */
const shortestMs = 5
/** A loop that rests less than this share of its time is busy. */
const idleShare = 0.1
