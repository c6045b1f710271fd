import { percentile } from '../percentile'

/** What became of requests. */
export class Outcomes {
  /** Settled so far, and asked. */
  settled = 0
  asked = 0
  inTime = 0
  /** By the error's code. */
  readonly failed = new Map<string, number>()
  /** Requests of tenants without a burst alone. */
  readonly others = { asked: 0, inTime: 0 }
  private readonly latencies: number[] = []
  private readonly latenciesOfOthers: number[] = []

  /** Call for each request. */
  open(isBursting: boolean): void {
    this.asked++
    if (!isBursting) this.others.asked++
  }

  settle(isBursting: boolean, code: string | undefined, ms: number, timeoutMs: number): void {
    this.settled++
    if (code !== undefined) {
      this.failed.set(code, (this.failed.get(code) ?? 0) + 1)
      return
    }
    this.latencies.push(ms)
    if (!isBursting) this.latenciesOfOthers.push(ms)
    if (ms > timeoutMs) return
    this.inTime++
    if (!isBursting) this.others.inTime++
  }

  /** Latency of answers in milliseconds. */
  percentiles(): { p50: number; p99: number; p999: number; longest: number } {
    return percentilesOf(this.latencies)
  }

  percentilesOfOthers(): { p50: number; p99: number; p999: number; longest: number } {
    return percentilesOf(this.latenciesOfOthers)
  }
}

function percentilesOf(latencies: readonly number[]): {
  p50: number
  p99: number
  p999: number
  longest: number
} {
  const sorted = Float64Array.from(latencies).sort()
  return {
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    p999: percentile(sorted, 0.999),
    longest: percentile(sorted, 1),
  }
}
