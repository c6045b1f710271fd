import { MetricsChart } from '../charts/MetricsChart'
import { versionLabel } from './versionLabel'

const rows = 'presage_inference_count_total'
const runs = 'presage_inference_exec_count_total'

export function BatchChart() {
  return (
    <MetricsChart
      title="Batch size, by version"
      note="Rows in one call of the runtime, on average."
      unit="rows"
      empty="No model has run within the last hour."
      question={{ names: [rows, runs], by: ['model', 'version'], top: 8 }}
      read={({ series }) =>
        series
          .filter(({ name, other }) => name === rows && !other)
          .flatMap((one) => {
            const label = versionLabel(one)
            const calls = series.find((other) => other.name === runs && versionLabel(other) === label)?.values
            if (calls === undefined) return []
            return [{ label, values: (one.values ?? []).map((value, at) => sizeOf(value, calls[at])) }]
          })
      }
    />
  )
}

function sizeOf(count: number | null, calls: number | null): number | null {
  return count === null || !calls ? null : count / calls
}
