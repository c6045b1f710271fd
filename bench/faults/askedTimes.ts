import { percentile } from '../percentile'
import type { Asked } from './steadyClients'

/** Those that were to be sent in this time. */
export function within(asked: readonly Asked[], from: number, to: number): readonly Asked[] {
  return asked.filter(({ at }) => at >= from && at < to)
}

/** Percentiles of their times, in milliseconds. */
export interface Times {
  readonly p50: number
  readonly p99: number
}

export function timesOf(asked: readonly Asked[]): Times {
  const times = asked.map(({ ms }) => ms).sort((a, b) => a - b)
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
}

/** Up to where p99 counts as usual, by what it is without a fault. */
export function usualLimit(calm: Times): number {
  return Math.max(3 * calm.p99, 100)
}

export function pauseUntil(time: number): Promise<void> {
  return pause(Math.max(0, time - performance.now()))
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
