export interface BatchLimits {
  readonly maxRows: number
  /** How long an idle worker waits for more rows. */
  readonly maxDelayMs: number
}

/**
 * When waiting rows may go to an idle worker, in the clock's milliseconds: a full batch at once, fewer rows once the
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
 * Whether to leave the `rows` of a submission for the next batch instead of splitting them. They must fit whole into a
 * batch of `most` rows, and the current batch, with `room` left, must be at least half full without them.
 */
export function isKeptWhole(rows: number, room: number, most: number): boolean {
  return rows > room && rows <= most && room <= most / 2
}

/**
 * The least time until a row with `rowsAhead` waiting rows before it is answered, in milliseconds: full batches in
 * parallel on all workers, then the run with the row itself. `estimate` gives the time of a run with so many rows.
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
 * Whether to hold rows that came in this turn of the event loop for another turn, although a worker is idle. Requests
 * that were sent together do not arrive together: the loop accepts one connection per turn, so each would run alone.
 * Rows are held while every turn brings another caller, until there are enough callers for a worthwhile run, and for at
 * most a tenth of the first one's time. An empty turn takes next to no time. Not called if the first caller is alone:
 * then nobody follows.
 */
export function isGathering(callers: number, waitedMs: number, timeMs: number): boolean {
  return callers < enoughCallers && waitedMs < timeMs / 10
}

const enoughCallers = 8
