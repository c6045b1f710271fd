import { fairShares } from '../request/caller'
import { FairQueue } from './fairQueue'

interface Work {
  /** Continues the work. Must not throw. */
  readonly resume: () => void
  readonly isLong: boolean
  /** Whether it cannot be split and takes longer than one share. */
  readonly isWhole?: boolean
}

/**
 * The turns of this thread's event loop. Long work pauses when it has used its share of a turn and continues in a later
 * one, so that new requests wait for one share and not for all of the work. After a share nothing continues for some
 * turns, so that short requests, which take a few, do not wait for a share in each. Clients with such work take turns.
 */
export class LoopTurn {
  number = 0
  private beganAt = 0
  private isWatched = false
  private readonly waiting: FairQueue<Work>
  /** For how many further turns nothing continues, unless other work takes until `pauseEndsAt`. */
  private pause = 0
  private pauseEndsAt = 0

  constructor(
    private readonly now: () => number,
    /** Calls a function once, at the end of this turn. */
    private readonly atEndOfTurn: (callback: () => void) => void,
    weightOf?: (client: string) => number,
  ) {
    this.waiting = new FairQueue({ weightOf })
  }

  /** Whether work that began in this turn at `beganAt` has used its share of the turn. */
  isOver(beganAt: number): boolean {
    this.watch()
    const now = this.now()
    const worked = now - beganAt
    return worked > partMs || (worked > leastMs && now - this.beganAt > turnMs)
  }

  /**
   * Continues work in a later turn; `parts` is how many shares it has had. For each client, short work takes turns and
   * goes before long work. Long work runs one after the other: by turns, all of it would be late.
   */
  later(client: string, resume: () => void, parts = 0): void {
    const work = { resume, isLong: parts >= shortParts }
    this.waiting.add(client, work, parts === shortParts ? undefined : overtakes)
    this.watch()
  }

  /**
   * Begins work in a later turn that cannot be split. After it, other work pauses until waiting requests are answered,
   * however long they take.
   */
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
    const isPaused = this.pause > 0 && this.now() < this.pauseEndsAt
    if (isPaused) this.pause--
    const next = isPaused ? undefined : this.waiting.take()
    if (this.waiting.size > 0) this.watch()
    if (next === undefined) return
    next.resume()
    this.pause = pauseTurns
    this.pauseEndsAt = next.isWhole ? Number.POSITIVE_INFINITY : this.now() + pauseMs
  }
}

function overtakes(_: Work, other: Work): boolean {
  return other.isLong
}

/** The share of one piece of work, in milliseconds: short compared with the time of an answer. */
const partMs = 0.5
/** Within this many turns, short requests that waited for a share or for unsplittable work are answered. */
const pauseTurns = 4
/** Where there are so many that they take longer, the next share waits no more. */
const pauseMs = 1
/** Work that has had more shares is long. */
const shortParts = 20
/** Once all work of a turn has taken `turnMs`, shares end after this many milliseconds. */
const leastMs = 0.25
const turnMs = 4

/** That of this thread. */
export const loopTurn = new LoopTurn(() => performance.now(), setImmediate, fairShares.weightOf)

/** Resolves in a later turn, when the client's share begins. */
export function laterTurn(client: string): Promise<void> {
  return new Promise((resolve) => loopTurn.later(client, resolve))
}

/** The same for work that takes milliseconds and cannot be split. */
export function wholeTurn(client: string): Promise<void> {
  return new Promise((resolve) => loopTurn.laterWhole(client, resolve))
}
