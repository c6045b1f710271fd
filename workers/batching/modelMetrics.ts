import type { Counter, Histogram, Metrics } from '../../lib/metrics'

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

/** Names of the metrics of this room. The first six are Triton's names with our prefix. Times are in seconds. */
export const metricNames = {
  /** Rows that the runtime answered. */
  inferenceCount: 'presage_inference_count_total',
  /** Model calls. */
  executionCount: 'presage_inference_exec_count_total',
  /** Model calls on the calling thread. */
  inlineExecutionCount: 'presage_inline_exec_count_total',
  queueDuration: 'presage_queue_duration_seconds',
  computeInputDuration: 'presage_compute_input_duration_seconds',
  computeInferDuration: 'presage_compute_infer_duration_seconds',
  queuedRows: 'presage_queued_rows',
  retries: 'presage_batch_retries_total',
  hedges: 'presage_batch_hedges_total',
  workersLost: 'presage_workers_lost_total',
} as const
