import { FairQueue } from './fairQueue'
import { fairShares } from './fairShares'

/** Work that goes on in a later turn of the event loop. Throws nothing. */
export type Resume = () => void

/**
 * The turns of this thread's event loop. Long work stops when it has had its part of a turn and goes on in a later one, so that what has
 * arrived meanwhile waits for a part and not for the whole. One part goes on in each turn, the clients that have such work by turns.
 */
export class LoopTurn {
  number = 0
  private beganAt = 0
  private isWatched = false
  private readonly waiting: FairQueue<Resume>

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
   * Has work go on in a later turn. What has waited before goes before other work of its client: one piece of work after the other is done in
   * time, where all at once would be late.
   */
  later(client: string, resume: Resume, hasWaited = false): void {
    this.waiting.add(client, resume, hasWaited ? always : undefined)
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
    const resume = this.waiting.take()
    if (this.waiting.size > 0) this.watch()
    resume?.()
  }
}

function always(): boolean {
  return true
}

/** The part of one piece of work, in milliseconds: short beside what anybody waits for an answer. */
const partMs = 0.5
/** Once all work of a turn has taken `turnMs`, parts end after so long. */
const leastMs = 0.25
const turnMs = 4

/** This thread's. */
export const loopTurn = new LoopTurn(() => performance.now(), setImmediate, fairShares.weightOf)
