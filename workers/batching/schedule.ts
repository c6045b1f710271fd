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

/**
 * The longest expected run, in milliseconds, that may move to the HTTP thread. Handing a batch to another thread has a
 * fixed cost: for longer runs, saving it matters little, and they would delay all other requests.
 */
const enterMs = 1
/** A version that runs inline stays inline up to here, so that it does not flip back and forth at the limit. */
const leaveMs = 1.5
/** A run this long, in milliseconds, would be harmful inline. A shorter surprise may be due to the scheduler. */
const longMs = 7.5
/** How many times larger than the largest measured batch a batch may be; beyond that, extrapolation is a guess. */
const reach = 4

/**
 * Batches are efficient once the fixed part of a run is at most this share of it. More rows would save little and all
 * would wait longer.
 */
const fixedShare = 0.1

/** To hand a batch to a thread and take its answer back, in milliseconds of CPU. */
const handOverMs = 0.1
/** What a row of a request takes of the HTTP thread beside its run, in milliseconds. */
const restMs = 0.001

/** Whether to make a run with this expected time inline. */
export function runsInline(estimateMs: number, ranInline: boolean): boolean {
  return estimateMs <= (ranInline ? leaveMs : enterMs)
}

/** Whether a run took too long for inline, and far longer than expected. */
export function isSurprise(ms: number, estimateMs: number): boolean {
  return ms > leaveMs && ms > 2 * estimateMs
}

/**
 * How many runs on a thread must go as expected after a surprise. Usually one shows whether the model is to blame, but
 * after a long run there are more, so that it does not recur soon.
 */
export function trialRuns(surpriseMs: number): number {
  return surpriseMs > longMs ? 8 : 1
}

/** Decides for each batch of a version where it runs: inline, or on a thread. */
export class InlineChoice {
  /** Whether the version has a session on this thread. */
  isHeld = false
  /** The runs so far, warm-ups included. */
  runs = 0
  private readonly cost = new LearnedCost()
  private largest = 0
  private ranInline = false
  private trial = 0

  /** Whether a batch of this many rows may run inline, after pending ones that take `pendingMs` together. */
  takes(rows: number, pendingMs: number): boolean {
    if (!this.isHeld || this.trial > 0 || rows > reach * this.largest) return false
    this.ranInline = runsInline(pendingMs + this.cost.estimate(rows), this.ranInline)
    return this.ranInline
  }

  /** The expected milliseconds of a run with this many rows; Infinity before the first run. */
  estimate(rows: number): number {
    return this.cost.estimate(rows)
  }

  /** Whether a run with so many rows would take more of this thread than the hand-over, and than what else they need. */
  isDear(rows: number): boolean {
    return this.cost.estimate(rows) > Math.max(handOverMs, rows * restMs)
  }

  /** How many rows make an inline batch efficient. */
  get enoughRows(): number {
    return this.cost.rowsFor(fixedShare)
  }

  /** Records a run, here or on a thread. A run that was far too slow moves the version to the threads at once. */
  observe(rows: number, ms: number): void {
    if (isSurprise(ms, this.cost.estimate(rows))) this.trial = Math.max(this.trial, trialRuns(ms))
    else if (this.trial > 0) this.trial--
    this.runs++
    if (rows > this.largest) this.largest = rows
    this.cost.observe(rows, ms)
  }
}

/**
 * Learns the time of a model's runs as `a + b * rows` milliseconds, by normalized least mean squares (Widrow and Hoff,
 * 1960; Nagumo and Noda, 1967): each run corrects both numbers by a fifth of its error. Runs of one size correct both
 * alike; runs of different sizes separate them.
 *
 * A slow run may be due to garbage collection or another program, so each run counts as at most twice the expected
 * time. A model that has become slow is recognized after several runs.
 */
export class LearnedCost {
  private fixed = 0
  /** For `unit` rows, so that both numbers have a similar magnitude. */
  private variable = 0
  private runs = 0

  /** The expected milliseconds of a run with this many rows; Infinity before the first run. */
  estimate(rows: number): number {
    if (this.runs === 0) return Number.POSITIVE_INFINITY
    return this.fixed + (this.variable * rows) / unit
  }

  /** The number of rows at which the fixed time is this share of the run; Infinity if rows appear to cost nothing. */
  rowsFor(share: number): number {
    if (this.variable === 0) return Number.POSITIVE_INFINITY
    return (this.fixed * (1 / share - 1) * unit) / this.variable
  }

  /** Records a run with this many rows and milliseconds. */
  observe(rows: number, ms: number): void {
    this.runs++
    const size = rows / unit
    const expected = this.fixed + this.variable * size
    const isTrusted = this.runs <= trustedRuns
    const error = (isTrusted ? ms : Math.min(ms, 2 * expected + shortestMs)) - expected
    const step = ((isTrusted ? 1 : pace) * error) / (1 + size * size)
    // The first run does not show the slope, so its time is split between both numbers.
    const first = this.runs === 1 ? ms / (1 + size) : undefined
    this.fixed = first ?? Math.max(0, this.fixed + step)
    this.variable = first ?? Math.max(0, this.variable + step * size)
  }
}

const unit = 32
/** The share of an error that one run corrects. */
const pace = 0.2
/** The first runs are trusted fully: they come from the warm-up, which takes the best of three. */
const trustedRuns = 2
/** Lets the estimate recover from zero, which a coarse clock may measure. */
const shortestMs = 0.01

/**
 * Limits second runs: one per ten batches by default, with a burst of ten. A worker that hangs needs a few; a model that is
 * merely slower than its callers' deadlines must not run everything twice. (Dean and Barroso, The Tail at Scale, 2013.)
 */
export class HedgeBudget {
  private tokens: number

  /** `most` is the burst; 0 turns hedging off. */
  constructor(
    private readonly most = burst,
    private readonly perBatch = 0.1,
    /** Whether retries after a lost worker are limited too, together with hedges. */
    readonly coversRetries = false,
  ) {
    this.tokens = most
  }

  get isOff(): boolean {
    return this.most === 0
  }

  earn(): void {
    this.tokens = Math.min(this.most, this.tokens + this.perBatch)
  }

  /** Returns false if there is nothing left to spend. */
  spend(): boolean {
    if (this.tokens < 1) return false
    this.tokens -= 1
    return true
  }
}

const burst = 10

/**
 * When to send a batch that began `now` to a second worker as well, in the clock's milliseconds; Infinity if never.
 *
 * Only once its run takes longer than most, and the time that is left is about to become too short for a second run, as
 * long as the slowest percent takes. With nothing learned yet, at half the time to the deadline.
 */
export function hedgeTime(now: number, deadline: number, expectedMs: number, times: RunTimes): number {
  if (deadline === Number.POSITIVE_INFINITY) return deadline
  const halfMs = (deadline - now) / 2
  const slow = times.quantile(0.99)
  const usual = times.quantile(0.95)
  if (slow === undefined || usual === undefined) return now + halfMs
  const needed = Math.max(2 * slow * expectedMs, Math.min(halfMs, Math.max(spareMs, halfMs / 5)))
  const at = Math.max(now + usual * expectedMs, deadline - needed)
  return at + expectedMs < deadline ? at : Number.POSITIVE_INFINITY
}

/** For timers that fire late, and for a second worker that is busy at that moment. A tenth of the time, if that is more. */
const spareMs = 100

/**
 * How much the times of a model's runs vary: quantiles of the time over the expected time, in buckets whose width grows
 * with the ratio. Runs of the past count less and less.
 */
export class RunTimes {
  private readonly counts = new Float64Array(buckets)
  private total = 0

  observe(ms: number, expectedMs: number): void {
    const ratio = ms / expectedMs
    if (!(ratio > 0) || ratio === Number.POSITIVE_INFINITY) return
    const bucket = Math.ceil(bucketsPerOctave * (Math.log2(ratio) + lowestOctave))
    this.counts[Math.max(0, Math.min(buckets - 1, bucket))]++
    if (++this.total < mostRuns) return
    this.total = 0
    for (let at = 0; at < buckets; at++) this.total += this.counts[at] /= 2
  }

  /** The ratio that this share of the runs does not exceed; undefined before there were enough. */
  quantile(share: number): number | undefined {
    if (this.total < leastRuns) return undefined
    let left = share * this.total
    let at = 0
    for (; at < buckets - 1; at++) {
      left -= this.counts[at]
      if (left <= 0) break
    }
    return 2 ** (at / bucketsPerOctave - lowestOctave)
  }
}

/** From a sixteenth of the expected time to 4,096 times as much. */
const lowestOctave = 4
const bucketsPerOctave = 4
const buckets = 16 * bucketsPerOctave + 1
/** Enough that the slowest percent is more than one run. */
const leastRuns = 200
/** Then all runs so far count half. */
const mostRuns = 2_000
