import { MetricsChart } from '../charts/MetricsChart'
import { percentileLines } from './percentileLines'

export function LatencyChart() {
  return (
    <MetricsChart
      title="Latency of requests"
      note="From a request's arrival to the end of its answer, over all operations."
      unit="seconds"
      empty="No request within the last hour."
      question={{ names: ['presage_http_request_duration_seconds'], by: [] }}
      read={percentileLines}
    />
  )
}
