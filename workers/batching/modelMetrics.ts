import type { Counter, Histogram, Metrics } from '../../lib/metrics'
import { metricNames } from './metricNames'

/** The series of one model version on one shard, looked up once. */
export interface ModelMetrics {
  readonly rows: Counter
  readonly executions: Counter
  readonly inlineExecutions: Counter
  readonly retries: Counter
  readonly hedges: Counter
  readonly queue: Histogram
  readonly computeInput: Histogram
  readonly computeInfer: Histogram
  /** Removes the gauge of the queue. */
  close(): void
}

/** `queuedRows` is read at scrape time. */
export function modelMetrics(
  metrics: Metrics,
  labels: { model: string; version: string; shard: string },
  queuedRows: () => number,
): ModelMetrics {
  return {
    close: metrics.gauge(metricNames.queuedRows, 'Rows that wait for a worker', labels, queuedRows),
    rows: metrics.counter(metricNames.inferenceCount, 'Rows inferred', labels),
    executions: metrics.counter(metricNames.executionCount, 'Model calls', labels),
    inlineExecutions: metrics.counter(
      metricNames.inlineExecutionCount,
      'Model calls on the calling thread',
      labels,
    ),
    retries: metrics.counter(metricNames.retries, 'Batches sent again because their worker was lost', labels),
    hedges: metrics.counter(
      metricNames.hedges,
      'Batches sent to a second worker because the first took long',
      labels,
    ),
    queue: metrics.histogram(
      metricNames.queueDuration,
      'From submission until a batch takes the rows',
      labels,
    ),
    computeInput: metrics.histogram(
      metricNames.computeInputDuration,
      'Building the tensors of a batch',
      labels,
    ),
    computeInfer: metrics.histogram(
      metricNames.computeInferDuration,
      'Time in the runtime, per batch',
      labels,
    ),
  }
}
