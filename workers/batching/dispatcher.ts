import type { Clock } from '../../lib/clock'
import { EarliestTimer } from '../../lib/scheduling/earliestTimer'
import { type IdleTime, idleTime } from '../../lib/scheduling/idleTime'
import type { Batcher } from './batcher'
import type { Runner } from './execution'

/**
 * Assigns the waiting rows of a shard to its idle workers. The model whose next row has the earliest deadline goes
 * first, unless no idle worker holds it.
 *
 * It decides in the check phase of the event loop (`setImmediate`). By then the poll phase has parsed all requests that
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
    setImmediate(this.endTurn)
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
    for (const batcher of this.atWork) {
      if (batcher.isHeld || batcher.dueAt() > now) continue
      if (batcher.isSpare && this.atWork.some(isAwaited)) continue
      if (next !== undefined && !goesBefore(batcher, next)) continue
      const idle = this.idle(batcher)
      if (!idle) continue
      next = batcher
      runner = idle
    }
    if (next === undefined || runner === undefined) return false
    next.startNext(runner, now)
    return true
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
