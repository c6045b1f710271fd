import { perSecond } from '../charts/chartSeries'
import { MetricsChart } from '../charts/MetricsChart'
import { versionLabel } from './versionLabel'

export function RowsChart() {
  return (
    <MetricsChart
      title="Rows a second in the runtime, by version"
      note="Equal rows of a request run once, and cached rows do not run."
      unit="perSecond"
      isStacked
      empty="No model has run within the last hour."
      question={{ names: ['presage_inference_count_total'], by: ['model', 'version'], top: 8 }}
      read={({ series, stepMs }) =>
        series.map((one) => ({
          label: versionLabel(one),
          values: perSecond(one.values ?? [], stepMs),
          other: one.other,
        }))
      }
    />
  )
}
