import { fairShares } from '../request/fairShares'
import { FairQueue } from './fairQueue'

interface Work {
  /** Goes on. Throws nothing. */
  readonly resume: () => void
  readonly isLong: boolean
  /** It cannot be cut, and takes longer than a part. */
  readonly isWhole?: boolean
}

/**
 * The turns of this thread's event loop. Long work stops when it has had its part of a turn and goes on in a later one, so that what has
 * arrived meanwhile waits for a part and not for the whole. One part goes on in each turn, the clients that have such work by turns.
 */
export class LoopTurn {
  number = 0
  private beganAt = 0
  private isWatched = false
  private readonly waiting: FairQueue<Work>
  /** So many turns more nothing goes on. */
  private pause = 0

  constructor(
    private readonly now: () => number,
    /** Has a function called once at the end of this turn. */
    private readonly atEndOfTurn: (callback: () => void) => void,
    weightOf?: (client: string) => number,
  ) {
    this.waiting = new FairQueue({ weightOf })
  }

  /** Whether work that began in this turn at `beganAt` has had its part of it. */
  isOver(beganAt: number): boolean {
    this.watch()
    const now = this.now()
    const worked = now - beganAt
    return worked > partMs || (worked > leastMs && now - this.beganAt > turnMs)
  }

  /**
   * Has work go on in a later turn; it has had so many `parts` before. Of one client, what is short goes on by turns and before what is long, and
   * of that one goes on after the other: by turns all of it would be late.
   */
  later(client: string, resume: () => void, parts = 0): void {
    const work = { resume, isLong: parts >= shortParts }
    this.waiting.add(client, work, parts === shortParts ? undefined : overtakes)
    this.watch()
  }

  /** Has something begin in a later turn that cannot be cut: before anything else goes on, what it has kept waiting is answered. */
  laterWhole(client: string, resume: () => void): void {
    this.waiting.add(client, { resume, isLong: false, isWhole: true }, overtakes)
    this.watch()
  }

  private watch(): void {
    if (this.isWatched) return
    this.isWatched = true
    this.beganAt = this.now()
    this.atEndOfTurn(this.turn)
  }

  private readonly turn = (): void => {
    this.number++
    this.isWatched = false
    const isPaused = this.pause > 0
    if (isPaused) this.pause--
    const next = isPaused ? undefined : this.waiting.take()
    if (this.waiting.size > 0) this.watch()
    if (next?.isWhole) this.pause = turnsAfterWhole
    next?.resume()
  }
}

function overtakes(_: Work, other: Work): boolean {
  return other.isLong
}

/** The part of one piece of work, in milliseconds: short beside what anybody waits for an answer. */
const partMs = 0.5
/** In so many turns what has waited for something that cannot be cut is answered. */
const turnsAfterWhole = 4
/** What has had more parts is long. */
const shortParts = 20
/** Once all work of a turn has taken `turnMs`, parts end after so long. */
const leastMs = 0.25
const turnMs = 4

/** This thread's. */
export const loopTurn = new LoopTurn(() => performance.now(), setImmediate, fairShares.weightOf)

/** Resolves in a later turn, when it is the client's part of it. */
export function laterTurn(client: string): Promise<void> {
  return new Promise((resolve) => loopTurn.later(client, resolve))
}

/** The same for something that takes milliseconds and cannot be cut. */
export function wholeTurn(client: string): Promise<void> {
  return new Promise((resolve) => loopTurn.laterWhole(client, resolve))
}
