/** A metric that the console can show, with the labels of its series. */
export interface KeptMetric {
  readonly name: string
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
}

const version = ['model', 'version', 'shard']
const shadow = ['objective', 'answered', 'shadow', 'output']

const kept: readonly (readonly [KeptMetric['kind'], name: string, labels: readonly string[]])[] = [
  ['counter', 'presage_http_requests_total', ['operation', 'status']],
  ['histogram', 'presage_http_request_duration_seconds', ['operation']],
  ['counter', 'presage_inference_count_total', version],
  ['counter', 'presage_inference_exec_count_total', version],
  ['counter', 'presage_inline_exec_count_total', version],
  ['histogram', 'presage_queue_duration_seconds', version],
  ['histogram', 'presage_compute_infer_duration_seconds', version],
  ['gauge', 'presage_queued_rows', version],
  ['counter', 'presage_batch_retries_total', version],
  ['counter', 'presage_batch_hedges_total', version],
  ['counter', 'presage_workers_lost_total', ['shard']],
  ['counter', 'presage_prediction_failures_total', ['asked', 'code']],
  ['counter', 'presage_version_failures_total', ['objective', 'model', 'code']],
  ['counter', 'presage_routing_decisions_total', ['objective', 'model', 'reason', 'rule', 'cell']],
  ['counter', 'presage_routing_no_unit_total', ['objective']],
  ['counter', 'presage_fallback_total', ['objective', 'from', 'to', 'code']],
  ['counter', 'presage_shadow_rows_total', ['objective', 'model', 'outcome']],
  ['counter', 'presage_shadow_dropped_total', ['objective', 'model', 'reason']],
  ['histogram', 'presage_shadow_duration_seconds', ['objective', 'model']],
  ['counter', 'presage_shadow_compared_total', shadow],
  ['counter', 'presage_shadow_agreed_total', shadow],
  ['counter', 'presage_shadow_difference_total', shadow],
  ['counter', 'presage_cache_hits_total', ['objective', 'model']],
  ['counter', 'presage_cache_misses_total', ['objective', 'model']],
  ['counter', 'presage_cache_shared_total', ['objective', 'model']],
  ['counter', 'presage_null_inputs_total', ['objective', 'input']],
  ['counter', 'presage_plan_cache_hits_total', []],
  ['counter', 'presage_plan_cache_misses_total', []],
  ['histogram', 'presage_event_loop_delay_seconds', []],
  ['counter', 'process_cpu_seconds_total', []],
  ['gauge', 'process_resident_memory_bytes', []],
  ['gauge', 'nodejs_heap_size_used_bytes', []],
]

/** Every metric that the console can show, by its name at `/metrics`. Others are not kept. */
export const keptMetrics: ReadonlyMap<string, KeptMetric> = new Map(
  kept.map(([kind, name, labels]) => [name, { name, kind, labels }]),
)
