import { MetricsChart } from '../charts/MetricsChart'
import { versionLabel } from './versionLabel'

export function QueueChart() {
  return (
    <MetricsChart
      title="Rows that wait, by version"
      note="At the end of each step."
      unit="rows"
      isStacked
      empty="No row has waited within the last hour."
      question={{ names: ['presage_queued_rows'], by: ['model', 'version'], top: 8 }}
      read={({ series }) =>
        series.map((one) => ({ label: versionLabel(one), values: one.values ?? [], other: one.other }))
      }
    />
  )
}
