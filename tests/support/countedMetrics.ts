import type { Metrics } from '../../lib/metrics'

/** Metrics that a test can read: sums of counters and counts of observations by name, gauges as they are now. */
export class CountedMetrics implements Metrics {
  private readonly sums = new Map<string, number>()
  private readonly series: { name: string; labels: Readonly<Record<string, string>>; by: number }[] = []
  private readonly gauges = new Map<string, () => number>()

  counter(name: string, _help = '', labels: Readonly<Record<string, string>> = {}) {
    return {
      inc: (by = 1) => {
        this.add(name, by)
        this.series.push({ name, labels, by })
      },
    }
  }

  histogram(name: string) {
    return { observe: () => this.add(name, 1) }
  }

  gauge(name: string, _help: string, _labels: Readonly<Record<string, string>>, read: () => number) {
    this.gauges.set(name, read)
    return () => {
      if (this.gauges.get(name) === read) this.gauges.delete(name)
    }
  }

  read(name: string): number {
    return this.gauges.get(name)?.() ?? this.sums.get(name) ?? 0
  }

  /** A counter's sums by its labels, of those that have a value: `objective=PROBE code=OVERLOADED`. */
  bySeries(name: string): Readonly<Record<string, number>> {
    const sums: Record<string, number> = {}
    for (const one of this.series) {
      if (one.name !== name) continue
      const labels = Object.entries(one.labels).filter(([, value]) => value !== '')
      const key = labels.map(([label, value]) => `${label}=${value}`).join(' ')
      sums[key] = (sums[key] ?? 0) + one.by
    }
    return sums
  }

  private add(name: string, by: number): void {
    this.sums.set(name, (this.sums.get(name) ?? 0) + by)
  }
}
