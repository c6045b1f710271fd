/**
 * Work in pieces of well below a millisecond: a generator that yields wherever others may have their turn, and returns what came of it.
 * One text, two ways to do it.
 */
export type Pieces<T> = Generator<void, T>

/** All of it at once, as at a start. */
export function atOnce<T>(work: Pieces<T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}

/** A piece in each turn of the event loop, by a pace of its own, so that requests wait for one piece at most. Rejects with what the work throws. */
export async function inTurns<T>(work: Pieces<T>, pace: Pace = new GentlePace()): Promise<T> {
  const next = () => work.next()
  for (;;) {
    const { done, value } = await pace.piece(next)
    if (done) return value
  }
}

/** How pieces of work follow each other. */
export interface Pace {
  /** Does one piece when its time has come, and resolves with what came of it. Rejects with what it throws. Not to be called again before. */
  piece<T>(work: () => T): Promise<T>
}

/** Where nobody waits for this thread. */
export const atOncePace: Pace = {
  async piece(work) {
    return work()
  },
}

/** Work that has taken so many milliseconds of this thread is followed by a rest. */
const restAfterMs = 0.5

/** A rest is so many times as long as the work before it: the work takes a fifth of this thread's time, the more time the slower it is. */
const restTimes = 4

/**
 * Beside requests: each piece in a turn of its own, and rests between them. Turns alone would leave requests half the time of this
 * thread, one piece for what arrived during the piece before.
 */
export class GentlePace implements Pace {
  /** Milliseconds of work since the last rest. */
  private worked = 0

  async piece<T>(work: () => T): Promise<T> {
    if (this.worked < restAfterMs) await nextTurn()
    else {
      const ms = this.worked * restTimes
      this.worked = 0
      await rest(ms)
    }
    const begun = performance.now()
    try {
      return work()
    } finally {
      this.worked += performance.now() - begun
    }
  }
}

/** Resolves when what had arrived by now has been taken up. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Resolves after `ms` milliseconds in which this thread is there for others. */
export function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
