import type { Metrics } from '../../lib/metrics'

/** Metrics that a test can read: sums of counters and counts of observations by name, gauges as they are now. */
export class CountedMetrics implements Metrics {
  private readonly sums = new Map<string, number>()
  private readonly gauges = new Map<string, () => number>()

  counter(name: string) {
    return { inc: (by = 1) => this.add(name, by) }
  }

  histogram(name: string) {
    return { observe: () => this.add(name, 1) }
  }

  gauge(name: string, _help: string, _labels: Readonly<Record<string, string>>, read: () => number): void {
    this.gauges.set(name, read)
  }

  read(name: string): number {
    return this.gauges.get(name)?.() ?? this.sums.get(name) ?? 0
  }

  private add(name: string, by: number): void {
    this.sums.set(name, (this.sums.get(name) ?? 0) + by)
  }
}
