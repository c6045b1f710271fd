import { memoized } from '../../lib/memoized'
import type { BatchRun, Segment } from '../../workers/shard'

/** A number of events, and their time in nanoseconds. */
export interface Duration {
  readonly count: number
  readonly ns: number
}

/** Of one version, as the extension `statistics` has it. Times of batches count for each request in them. */
export interface ModelStatistics {
  readonly name: string
  readonly version: string
  /** Of the system's clock, in milliseconds; 0 if there was none. */
  readonly last_inference: number
  /** Rows that were answered, and runs of the graph. */
  readonly inference_count: number
  readonly execution_count: number
  readonly inference_stats: Readonly<Record<'success' | 'fail' | 'queue' | 'compute_infer', Duration>>
  /** By the size of a run, in rows. */
  readonly batch_stats: readonly { readonly batch_size: number; readonly compute_infer: Duration }[]
}

/** Counts the requests to one version since the process began. */
export class VersionStatistics {
  private lastInference = 0
  private rows = 0
  private executions = 0
  private readonly success = new Sum()
  private readonly fail = new Sum()
  private readonly queue = new Sum()
  private readonly compute = new Sum()
  private readonly batches = new Map<number, Sum>()
  private readonly batchesOf = memoized(() => new Sum(), this.batches)
  /** Runs that were counted already: those of a batch of several requests are told with each. */
  private readonly counted = new WeakSet<BatchRun>()

  succeeded(segments: readonly Segment[], ms: number): void {
    this.lastInference = Date.now()
    this.success.add(ms)
    for (const segment of segments) {
      if (segment.error !== undefined) continue
      this.rows += segment.rows
      this.queue.add(segment.queueMs)
      this.compute.add(segment.run.computeMs)
      this.count(segment.run)
    }
  }

  failed(ms: number): void {
    this.fail.add(ms)
  }

  read(name: string, version: string): ModelStatistics {
    return {
      name,
      version,
      last_inference: this.lastInference,
      inference_count: this.rows,
      execution_count: this.executions,
      inference_stats: {
        success: this.success.read(),
        fail: this.fail.read(),
        queue: this.queue.read(),
        compute_infer: this.compute.read(),
      },
      batch_stats: [...this.batches]
        .sort(([left], [right]) => left - right)
        .map(([size, sum]) => ({ batch_size: size, compute_infer: sum.read() })),
    }
  }

  private count(run: BatchRun): void {
    if (this.counted.has(run)) return
    this.counted.add(run)
    this.executions++
    this.batchesOf(run.rows).add(run.computeMs)
  }
}

class Sum {
  private count = 0
  private ms = 0

  add(ms: number): void {
    this.count++
    this.ms += ms
  }

  read(): Duration {
    return { count: this.count, ns: Math.round(this.ms * 1e6) }
  }
}
