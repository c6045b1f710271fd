/** Where a request's time goes in Presage, as its own metrics tell; microseconds, means over a round. */
export interface Stages {
  /** From its arrival to the end of its answer. */
  readonly http: number
  /** From handing in rows until a batch takes them; those of one request wait side by side. */
  readonly queue: number
  /** Its share of building tensors, and of the time inside the runtime. */
  readonly tensors: number
  readonly run: number
  /** Milliseconds that one in a hundred of what falls due waits for the event loop. */
  readonly eventLoopDelayP99: number
}

/** What the Presage behind `url` has counted so far. */
export class ServerMetrics {
  private constructor(private readonly text: string) {}

  static async read(url: string): Promise<ServerMetrics> {
    return new ServerMetrics(await (await fetch(new URL('/metrics', url))).text())
  }

  /** What has come to pass since `before`. */
  since(before: ServerMetrics): Stages {
    const grown = (name: string) => this.sum(name) - before.sum(name)
    const requests = Math.max(1, grown('presage_http_request_duration_seconds_count'))
    const mean = (name: string, count: number) => (grown(`${name}_sum`) / Math.max(1, count)) * 1e6
    return {
      http: mean('presage_http_request_duration_seconds', requests),
      queue: mean('presage_queue_duration_seconds', grown('presage_queue_duration_seconds_count')),
      tensors: mean('presage_compute_input_duration_seconds', requests),
      run: mean('presage_compute_infer_duration_seconds', requests),
      eventLoopDelayP99: this.delayP99(before),
    }
  }

  private sum(name: string): number {
    let sum = 0
    for (const [, value] of this.text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm')))
      sum += Number(value)
    return sum
  }

  private delayP99(before: ServerMetrics): number {
    const earlier = before.delays()
    const counts = this.delays().map(({ le, count }, at) => ({
      le,
      count: count - (earlier[at]?.count ?? 0),
    }))
    return quantile(counts, 0.99) * 1000
  }

  private delays(): Bucket[] {
    const lines = this.text.matchAll(/^presage_event_loop_delay_seconds_bucket\{le="([^"]+)"\} (\S+)$/gm)
    return Array.from(lines, ([, le, count]) => ({
      le: Number(le.replace('+Inf', 'Infinity')),
      count: Number(count),
    }))
  }
}

/** As Prometheus has them: how many there are up to a bound. */
interface Bucket {
  readonly le: number
  readonly count: number
}

/** As Prometheus' histogram_quantile: evenly spread within the bucket; the last bound for what is beyond it. */
export function quantile(buckets: readonly Bucket[], part: number): number {
  const rank = (buckets.at(-1)?.count ?? 0) * part
  let lower: Bucket = { le: 0, count: 0 }
  for (const bucket of buckets) {
    if (bucket.count >= rank && bucket.count > lower.count) {
      if (bucket.le === Number.POSITIVE_INFINITY) return lower.le
      return lower.le + ((bucket.le - lower.le) * (rank - lower.count)) / (bucket.count - lower.count)
    }
    lower = bucket
  }
  return lower.le
}
