/** One round beyond capacity. Rates are requests a second, shares from 0 to 1, latencies milliseconds. */
export interface OverloadRound {
  /** What clients who wait for their answers got, just before. */
  readonly capacity: number
  readonly offered: number
  /** Whole answers within the deadline, measured from when the request was sent, or would have been on a free connection. */
  readonly inTimePerSecond: number
  /** That over the capacity. */
  readonly goodput: number
  /** Of those that were not refused, those that were answered in time. */
  readonly admittedInTime: number
  /** Of all. */
  readonly refused: number
  /** Of all: begun, and given up in their course. */
  readonly expired: number
  /** Of what was answered. */
  readonly p50: number
  readonly p99: number
  /** CPU beyond that of as many answers at a constant rate below capacity, for each refusal, in microseconds; and its share of all. */
  readonly refusalCpuMicros: number
  readonly refusalCpuShare: number
  /** How late the load itself was with one request in a hundred. */
  readonly loadLateP99: number
}

/** One case beyond capacity. */
export interface OverloadResult {
  readonly case: string
  readonly title: string
  /** The rate that was asked for, over the capacity. */
  readonly times: number
  readonly deadlineMs: number
  readonly presage: OverloadRounds
  /** The hand-written endpoint, at as many times of its own capacity: it refuses by a counter. */
  readonly handwritten: OverloadRounds
  /** What a refusal takes by node:http where nothing else is done and as many come as can: CPU in microseconds, of each round and in the middle. */
  readonly refusal: { readonly median: number; readonly rounds: readonly number[] }
}

export interface OverloadRounds {
  /** Of the rounds, figure by figure. */
  readonly median: OverloadRound
  readonly rounds: readonly OverloadRound[]
}
