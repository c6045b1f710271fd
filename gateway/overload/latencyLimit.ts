import type { LoopLoad } from './loopLoad'

/** One request that was answered, as the limit sees it. Times are milliseconds of one clock. */
export interface LatencySample {
  readonly admittedAt: number
  readonly timeoutMs: number
  /** How many requests were in flight when it was admitted, itself included. */
  readonly inFlight: number
  /** The share of its timeout that its answer took. */
  readonly used: number
}

/**
 * How many requests may be in flight, found from how long answers take: additive increase, multiplicative decrease, as TCP finds its window. By
 * Little's law answers are in time while no more requests are in flight than are answered within a timeout, so the limit is a number per millisecond
 * of the request's own timeout.
 *
 * There is no limit until an answer is late while others are in flight, and none ten seconds after it last refused a request. A function of samples
 * alone: it admits and refuses nothing.
 */
export class LatencyLimit {
  private perMs = Number.POSITIVE_INFINITY
  /** Requests admitted before then say nothing about the limit as it is now. */
  private loweredAt = Number.NEGATIVE_INFINITY
  private neededAt = Number.NEGATIVE_INFINITY
  /** Of the last answers, the share that was late. */
  private lateShare = 0

  /** Requests in flight per millisecond of timeout. */
  at(now: number): number {
    if (now - this.neededAt > keptMs) this.perMs = Number.POSITIVE_INFINITY
    return this.perMs
  }

  /** A request was refused because of the limit. */
  needed(now: number): void {
    this.neededAt = now
  }

  /**
   * Learns from an answer, or, where `isAnswered` is false, from a request that ended without one. `peak`: the peak throughput per millisecond, which
   * bounds the limit on both sides. While the process is not busy, an answer is late for another reason.
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

/** The share of its timeout that an answer may take: garbage collection and other programs cannot be foreseen. */
const targetShare = 0.5
const decrease = 0.8
/** By how much the limit rises once as many requests as it admits have been answered. */
const increase = 0.04
/** Of the peak throughput; the limit does not fall below it. */
const leastShare = 0.1
/** A few late answers (a model with a queue of its own, a long operation) are no reason to refuse other requests. */
const lateEnough = 0.25
const learningRate = 1 / 32
/** A late answer among fewer requests is due to a slow request or a stall. */
export const fewestInFlight = 16
const keptMs = 10_000
