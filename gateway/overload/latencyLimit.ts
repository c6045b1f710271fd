import type { LoopLoad } from '../../lib/scheduling/idleTime'

/** One finished request, as the limit sees it. Times are milliseconds of one clock. */
export interface LatencySample {
  readonly admittedAt: number
  readonly timeoutMs: number
  /** How many requests were in flight when it was admitted, including itself. */
  readonly inFlight: number
  /** The share of its timeout that its answer took. */
  readonly used: number
}

/**
 * Learns from the latency of answers how many requests may be in flight: additive increase, multiplicative decrease, as
 * TCP finds its window. By Little's law, answers are in time while no more requests are in flight than are answered
 * within a timeout, so the limit is a number per millisecond of a request's timeout.
 *
 * There is no limit until an answer is late while others are in flight, nor once it has refused nothing for ten
 * seconds. This class only computes the limit; it admits and refuses nothing.
 */
export class LatencyLimit {
  private perMs = Number.POSITIVE_INFINITY
  /** Requests that were admitted earlier say nothing about the current limit. */
  private loweredAt = Number.NEGATIVE_INFINITY
  private neededAt = Number.NEGATIVE_INFINITY
  /** The share of recent answers that were late. */
  private lateShare = 0

  /** Requests in flight per millisecond of timeout. */
  at(now: number): number {
    if (now - this.neededAt > keptMs) this.perMs = Number.POSITIVE_INFINITY
    return this.perMs
  }

  /** Call when a request was refused because of the limit. */
  needed(now: number): void {
    this.neededAt = now
  }

  /**
   * Learns from an answer or, if `isAnswered` is false, from a request that ended without one. `peak` is the peak
   * throughput in answers per millisecond, which bounds the limit from both sides. While the process is not busy, late
   * answers have other causes and are ignored.
   */
  update(
    now: number,
    sample: LatencySample,
    isAnswered: boolean,
    peak: number,
    load: Pick<LoopLoad, 'isBusy'>,
  ): void {
    const isLate = sample.used > targetShare
    this.lateShare += ((isLate ? 1 : 0) - this.lateShare) * learningRate
    if (!isLate) {
      if (isAnswered) this.raise(sample, peak)
    } else if (sample.admittedAt >= this.loweredAt && this.lateShare >= lateEnough && load.isBusy(now)) {
      this.lower(now, sample, peak)
    }
  }

  private lower(now: number, { timeoutMs, inFlight, used }: LatencySample, peak: number): void {
    if (this.perMs === Number.POSITIVE_INFINITY) {
      if (used < 1 || inFlight < fewestInFlight) return
      this.perMs = (inFlight / timeoutMs) * (targetShare / used)
    } else this.perMs *= decrease
    if (peak !== Number.POSITIVE_INFINITY) this.perMs = Math.max(this.perMs, peak * leastShare)
    this.loweredAt = now
    this.neededAt = now
  }

  private raise({ timeoutMs, inFlight }: LatencySample, peak: number): void {
    const limit = this.perMs * timeoutMs
    // An answer in time among far fewer requests does not show that more would have been in time.
    if (inFlight >= limit / 2 && this.perMs < peak) this.perMs += (this.perMs * increase) / Math.max(1, limit)
  }
}

/** The share of its timeout that an answer may take. The rest is reserve for garbage collection and other programs. */
const targetShare = 0.5
const decrease = 0.8
/** By how much the limit rises once it has admitted and answered as many requests as it allows. */
const increase = 0.04
/** The limit does not fall below this share of the peak throughput. */
const leastShare = 0.1
/** A few late answers (a model with its own queue, a long operation) are no reason to refuse other requests. */
const lateEnough = 0.25
const learningRate = 1 / 32
/** A late answer among fewer requests is due to a slow request or a stall. */
export const fewestInFlight = 16
const keptMs = 10_000
