/**
 * Work in pieces of some milliseconds: a generator that yields wherever others may have their turn, and returns what came of it.
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

/** A piece in each turn of the event loop, so that requests wait for one piece at most. Rejects with what the work throws. */
export async function inTurns<T>(work: Pieces<T>): Promise<T> {
  for (;;) {
    await nextTurn()
    const { done, value } = work.next()
    if (done) return value
  }
}

/** Resolves when what had arrived by now has been taken up. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
