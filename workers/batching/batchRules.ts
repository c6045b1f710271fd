export interface BatchLimits {
  readonly maxRows: number
  /** How long an idle worker waits for more rows. */
  readonly maxDelayMs: number
}

/**
 * When waiting rows may go to an idle worker, in the clock's milliseconds: a full batch at once, fewer rows when the
 * oldest has waited for `maxDelayMs`. Infinity if nothing waits.
 */
export function dueAt(waitingRows: number, oldest: number, limits: BatchLimits): number {
  if (waitingRows === 0) return Number.POSITIVE_INFINITY
  return waitingRows >= limits.maxRows ? oldest : oldest + limits.maxDelayMs
}

/** How many waiting rows the next batch takes. */
export function rowsToCut(waitingRows: number, limits: BatchLimits): number {
  return Math.min(waitingRows, limits.maxRows)
}

/**
 * Whether rows that came together wait for the next batch, of `most` rows, instead of being split: it would take them all, and this one,
 * with `room` for so many more, is half full without them.
 */
export function isKeptWhole(rows: number, room: number, most: number): boolean {
  return rows > room && rows <= most && room <= most / 2
}

/**
 * The least time until a row is answered that has so many waiting before it, in milliseconds: full batches, side by side on so
 * many workers, then the run that takes it along. `estimate`: what a run of so many rows takes.
 */
export function leastWait(
  rowsAhead: number,
  maxRows: number,
  workers: number,
  estimate: (rows: number) => number,
): number {
  const rounds = Math.floor(rowsAhead / maxRows / workers)
  return (rounds > 0 ? rounds * estimate(maxRows) : 0) + estimate((rowsAhead % maxRows) + 1)
}

/**
 * Whether rows that came in this turn of the event loop are held for one more, although a worker is idle. Requests that
 * were sent together do not arrive together: the loop accepts one connection a turn, so each would leave alone. They are
 * held while every turn brings another caller, until these are enough to be worth a run, and for a tenth of the first
 * one's time at most. A turn that brings nothing takes microseconds. Not asked where the first caller is alone: nobody follows.
 */
export function isGathering(callers: number, waitedMs: number, timeMs: number): boolean {
  return callers < enoughCallers && waitedMs < timeMs / 10
}

const enoughCallers = 8
