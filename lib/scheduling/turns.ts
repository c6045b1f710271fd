import { startWork } from './workTime'

/** Work in short pieces: a generator that yields wherever other work may run, and returns the result. */
export type Pieces<T> = Generator<void, T>

/** Runs all of it at once, as during startup. */
export function atOnce<T>(work: Pieces<T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
}

/** Runs a piece per turn, at a gentle pace: requests wait for one piece at most. Rejects with the work's errors. */
export async function runInTurns<T>(work: Pieces<T>): Promise<T> {
  const pace = new GentlePace()
  const next = () => work.next()
  for (;;) {
    const { done, value } = await pace.piece(next)
    if (done) return value
  }
}

/** Decides when the pieces of work run. */
export interface Pace {
  /** Resolves or rejects with the work's outcome when its time has come. Await it before the next call. */
  piece<T>(work: () => T): Promise<T>
}

/** For when nobody waits for this thread. */
export const atOncePace: Pace = {
  async piece(work) {
    return work()
  },
}

/** After this many milliseconds of work on this thread, a rest follows. */
const restAfterMs = 0.5

/** How many times as long as the work each rest is: the work takes a fifth of this thread's time. */
const restTimes = 4

/** For work beside requests: with rests, as turns alone would leave requests only half of the time. */
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
    const workMs = startWork()
    try {
      return work()
    } finally {
      this.worked += workMs()
    }
  }
}

/** Resolves after the events that have arrived by now were handled. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Resolves after `ms` milliseconds, in which this thread is free for other work. */
export function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
