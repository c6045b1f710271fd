import { perSecond } from '../charts/chartSeries'
import { MetricsChart } from '../charts/MetricsChart'

export function RequestsChart() {
  return (
    <MetricsChart
      title="Requests a second, by HTTP status"
      unit="perSecond"
      isStacked
      empty="No request within the last hour."
      question={{ names: ['presage_http_requests_total'], by: ['status'], top: 8 }}
      read={({ series, stepMs }) =>
        series.map(({ labels, values = [], other = false }) => ({
          label: other ? 'all others' : labels['status'],
          values: perSecond(values, stepMs),
          other,
        }))
      }
    />
  )
}
