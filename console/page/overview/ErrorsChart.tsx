import { perSecond } from '../charts/chartSeries'
import { MetricsChart } from '../charts/MetricsChart'

export function ErrorsChart() {
  return (
    <MetricsChart
      title="Rows without a prediction, by code"
      note="Rows that neither the chosen version nor a fallback answered."
      unit="perSecond"
      isStacked
      empty="No row without a prediction within the last hour."
      question={{ names: ['presage_prediction_failures_total'], by: ['code'], top: 8 }}
      read={({ series, stepMs }) =>
        series.map(({ labels, values = [], other = false }) => ({
          label: other ? 'all others' : labels['code'],
          values: perSecond(values, stepMs),
          other,
        }))
      }
    />
  )
}
