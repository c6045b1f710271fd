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
