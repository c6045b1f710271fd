import { Pace } from './pace'

/**
 * Decides at the door, before anything is read, whether a request can still be answered in time: while the process has
 * no time left, each one that is taken makes all others later, and one that is answered too late has cost as much as an answer.
 *
 * By Little's law a request is in time as long as no more are inside than what is answered in its time; so the limit is a number of
 * requests for each millisecond of the request's own time. At most it is `most` of the pace: of what was answered a millisecond lately, while
 * enough waited. Below that it is found as TCP finds its window (additive increase, multiplicative decrease): once an answer was too late that had
 * others beside it, it rises with each that took no more than `target` of its time, and falls, once for all that were inside then,
 * where many took more; but not below `least` of the pace, since what is late then is late for another reason. Ten seconds
 * without refusals end it.
 *
 * Who was let in may wait for a turn of its own, and when that has come it is decided once more, by what is known then: what has waited
 * for too long is not begun, since it would be work for nothing.
 *
 * Nobody is refused, and nothing is learned, while the process rests: requests that wait for others (a subgraph
 * elsewhere) keep nobody from being answered.
 */
export class Admission {
  private inside = 0
  /** Of these, those that no longer wait for their turn. */
  private begun = 0
  /** How many may be inside for each millisecond that a request has, if not the pace says less. */
  private perMs = Number.POSITIVE_INFINITY
  /** Answers to what was taken before say nothing of the limit as it is now. */
  private loweredAt = Number.NEGATIVE_INFINITY
  private neededAt = Number.NEGATIVE_INFINITY
  private readonly interval = { began: Number.NEGATIVE_INFINITY, restedMs: 0 }
  /** The last interval had no rest. */
  private wasBusy = false
  /** Of the last answers, the share that took more than `target`. */
  private lateShare = 0
  private readonly pace = new Pace()
  /** In this window of the pace. */
  private hasRefused = false
  /** When the first request of this turn of the event loop was read, and that of the turn before. */
  private turn: number | undefined
  private turnBefore: number | undefined

  constructor(
    /** How long the process has rested so far, in milliseconds: nothing ran on the event loop, and nothing waited here. */
    private readonly rested: () => number,
    /** Has a function called once at the end of this turn of the event loop. */
    private readonly atEndOfTurn: (callback: () => void) => void,
  ) {}

  /** Whether a request that has `timeoutMs` from now on is let in. Times are milliseconds of one clock. */
  takes(now: number, timeoutMs: number): boolean {
    this.look(now)
    if (now - this.neededAt > keptMs) this.perMs = Number.POSITIVE_INFINITY
    if (this.inside < this.limit(now, timeoutMs) || !this.isBusy(now)) return true
    return this.refuses(now)
  }

  /**
   * Whether one that was not taken is let in all the same, since its client, who has `own` inside, has less than its part of what may be:
   * one of `clients` equal parts. Others may have taken what it did not ask for, so more may be inside then; twice as many at most.
   */
  hasPart(now: number, timeoutMs: number, own: number, clients: number): boolean {
    return own < Math.max(1, this.limit(now, timeoutMs) / clients)
  }

  /**
   * One that is taken; it must `leave`. `sentAfter`: when its client had the answer before this one. Whoever is read in this turn of the
   * loop has come since the one before began.
   */
  enter(now: number, timeoutMs: number, sentAfter = Number.NEGATIVE_INFINITY): Visit {
    this.inside++
    const sent = Math.min(now, Math.max(sentAfter, this.turnBefore ?? now))
    return { sent, takenAt: now, timeoutMs, inside: this.inside, hasBegun: false }
  }

  /** Its turn has come: whether it can still be answered in its time, after those that have begun. Else it is to leave, refused. */
  begins(now: number, visit: Visit): boolean {
    const expectedMs = now - visit.sent + this.begun / this.pace.at(now)
    if (expectedMs > visit.timeoutMs * most && this.begun > 0 && this.isBusy(now)) return this.refuses(now)
    this.begun++
    visit.hasBegun = true
    return true
  }

  /** How many may begin in one turn of the event loop: what is answered at the pace in so long as a turn should last. */
  mayBegin(now: number): number {
    return Math.max(1, Math.min(mostATurn, this.pace.at(now) * turnMs))
  }

  /** It has its answer; or does not want it any more, or was refused at its turn, which tells nothing of how long it would have taken. */
  leave(now: number, visit: Visit, isAnswered = true): void {
    this.inside--
    if (!visit.hasBegun) return
    this.begun--
    const used = (now - visit.sent) / visit.timeoutMs
    const isLate = used > target
    this.lateShare += ((isLate ? 1 : 0) - this.lateShare) * remembered
    if (isAnswered && this.pace.count(now)) this.keepPace(now)
    if (isLate) this.lower(now, visit, used)
    else if (isAnswered) this.raise(now, visit)
  }

  private limit(now: number, timeoutMs: number): number {
    return Math.max(1, Math.min(this.perMs, this.pace.at(now) * most) * timeoutMs)
  }

  private refuses(now: number): false {
    this.neededAt = now
    this.hasRefused = true
    return false
  }

  /** Where few waited, what was answered says how many asked, not how many could be answered. */
  private keepPace(now: number): void {
    const isPressed = this.hasRefused || this.inside >= fewestInside
    this.pace.turn(now, isPressed && this.isBusy(now))
    this.hasRefused = false
  }

  private lower(now: number, { takenAt, timeoutMs, inside }: Visit, used: number): void {
    if (takenAt < this.loweredAt || this.lateShare < lateEnough || !this.isBusy(now)) return
    if (this.perMs === Number.POSITIVE_INFINITY) {
      if (used < 1 || inside < fewestInside) return
      this.perMs = (inside / timeoutMs) * (target / used)
    } else this.perMs *= decrease
    const pace = this.pace.at(now)
    if (pace !== Number.POSITIVE_INFINITY) this.perMs = Math.max(this.perMs, pace * least)
    this.loweredAt = now
    this.neededAt = now
  }

  private raise(now: number, { timeoutMs, inside }: Visit): void {
    const limit = this.perMs * timeoutMs
    // Where far fewer were inside, that they were in time does not tell that more would have been.
    if (inside >= limit / 2 && this.perMs < this.pace.at(now))
      this.perMs += (this.perMs * increase) / Math.max(1, limit)
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
  /** It does not wait for its turn any more. */
  hasBegun: boolean
}

/** The share of its time that an answer may take: the collector and neighbours of the machine cannot be foretold. */
const target = 0.5
/** Of what is answered at its best in a request's time, as much may be inside before anything was late, or before one that begins. */
const most = 0.7
/** As long as a turn should last, in milliseconds: long enough for full batches, and short beside the time of any request. */
const turnMs = 4
/** So many may begin in a turn at most, and while the pace is not known. */
const mostATurn = 64
const decrease = 0.8
/** Of the pace; as many are always let in. */
const least = 0.1
/** A few slow ones among many (a model with a queue of its own, a long operation) are no reason to refuse the others. */
const lateEnough = 0.25
/** What each answer counts in the share of late ones. */
const remembered = 1 / 32
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
