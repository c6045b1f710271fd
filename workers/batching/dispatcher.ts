import { type Clock, EarliestTimer } from '../../lib/clock'
import { fairShares } from '../../lib/request/caller'
import { type IdleTime, idleTime, turnEnd } from '../../lib/scheduling/eventLoop'
import { FairRounds } from '../../lib/scheduling/fairQueue'
import type { Batcher } from './batcher'
import type { Runner } from './execution'

/**
 * Assigns the waiting rows of a shard to its idle workers. While rows find no idle worker, clients take turns across all
 * models of the shard, in rounds of equal expected time of the workers. Among models whose next client is in the same
 * round, as always among those of one client, the one whose next row has the earliest deadline goes first. A model that
 * no idle worker holds is passed over.
 *
 * It decides in the check phase of the event loop (`turnEnd`). By then the poll phase has parsed all requests that
 * had arrived and read all workers' answers, so requests that came together share a batch. A queue that grew in this
 * turn may be held for the next one, since the loop may have more requests to read (see `isGathering`).
 *
 * Spare rows start only when no other rows wait, not even held ones.
 */
export class Dispatcher {
  private readonly batchers: Batcher[] = []
  /** The batchers with something to start in this turn. */
  private readonly atWork: Batcher[] = []
  private scheduled = false
  private readonly timer: EarliestTimer
  /** Whether runnable rows wait for a busy worker. */
  private isShort = false
  private readonly rounds = new FairRounds(fairShares.weightOf, roundMs)

  constructor(
    /** Returns a runner for the next batch, if one is idle. */
    private readonly idle: (batcher: Batcher) => Runner | undefined,
    private readonly clock: Clock,
    /** Told while rows wait for a busy worker. */
    private readonly processRest: Pick<IdleTime, 'waits'> = idleTime,
  ) {
    this.timer = new EarliestTimer(clock, this.wake)
  }

  add(batcher: Batcher): void {
    this.batchers.push(batcher)
  }

  remove(batcher: Batcher): void {
    const place = this.batchers.indexOf(batcher)
    if (place !== -1) this.batchers.splice(place, 1)
    if (!this.batchers.some(hasWork)) this.tell(false)
  }

  /** Dispatches at the end of this turn of the event loop. */
  readonly wake = (): void => {
    if (this.scheduled) return
    this.scheduled = true
    turnEnd.call(this.endTurn)
  }

  /** Call when a worker may have become idle. */
  readonly freed = (): void => {
    if (this.batchers.some(hasWork)) this.wake()
    else this.tell(false)
  }

  private readonly endTurn = (): void => {
    this.scheduled = false
    this.dispatch()
  }

  private dispatch(): void {
    const now = this.clock.now()
    this.atWork.length = 0
    const { batchers, atWork } = this
    for (let at = 0; at < batchers.length; at++) {
      const batcher = batchers[at]
      if (!batcher.hasWork) continue
      atWork.push(batcher)
      if (batcher.gather(now)) this.wake()
    }
    while (this.startNext(now)) {}
    for (let at = 0; at < atWork.length; at++) if (!atWork[at].isHeld) atWork[at].listen()
    this.lookAgain(now)
    this.tell(this.lacksWorkers(now))
  }

  /** Whether runnable rows found no worker. */
  private lacksWorkers(now: number): boolean {
    for (const batcher of this.atWork) {
      if (isAwaited(batcher) && !batcher.isHeld && batcher.dueAt() <= now) return true
    }
    return false
  }

  private tell(isShort: boolean): void {
    if (isShort === this.isShort) return
    this.isShort = isShort
    this.processRest.waits(isShort)
  }

  /** Starts the next batch. Returns false if there is none or no runner for it. */
  private startNext(now: number): boolean {
    let next: Batcher | undefined
    let runner: Runner | undefined
    let round = 0
    for (const batcher of this.atWork) {
      if (batcher.isHeld || batcher.dueAt() > now) continue
      if (batcher.isSpare && this.atWork.some(isAwaited)) continue
      const own = this.roundOf(batcher)
      if (next !== undefined && (own > round || (own === round && !goesBefore(batcher, next)))) continue
      const idle = this.idle(batcher)
      if (!idle) continue
      next = batcher
      runner = idle
      round = own
    }
    if (next === undefined || runner === undefined) return false
    this.rounds.enter(round)
    next.startNext(runner, now, this.isShort && !next.isSpare ? this.rounds : undefined)
    return true
  }

  /** The round of the batcher's next client. The same for all where nobody has to wait. */
  private roundOf(batcher: Batcher): number {
    if (!this.isShort || batcher.isSpare) return 0
    return this.atWork.length > 1 ? batcher.favour(this.rounds) : this.rounds.roundOf(batcher.nextClient())
  }

  /** Sets the timer for rows that an idle worker still waits to complete. */
  private lookAgain(now: number): void {
    let next = Number.POSITIVE_INFINITY
    for (const batcher of this.atWork) {
      const due = batcher.dueAt()
      if (due > now && due < next) next = due
    }
    this.timer.watch(next)
  }
}

/** A client's share of the workers' time in each round, in milliseconds. Within a round, deadlines decide. */
const roundMs = 1

/** Earliest deadline first; among equal deadlines, oldest first. */
function goesBefore(a: Batcher, b: Batcher): boolean {
  const first = a.nextDeadline()
  const second = b.nextDeadline()
  return first === second ? a.nextSince() < b.nextSince() : first < second
}

function hasWork(batcher: Batcher): boolean {
  return batcher.hasWork
}

function isAwaited(batcher: Batcher): boolean {
  return batcher.hasWork && !batcher.isSpare
}
