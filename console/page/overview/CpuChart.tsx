import { perSecond } from '../charts/chartSeries'
import { MetricsChart } from '../charts/MetricsChart'

export function CpuChart() {
  return (
    <MetricsChart
      title="Processor"
      note="Cores in use, on average of each step."
      unit="count"
      empty="Not measured yet: the first step takes ten seconds."
      question={{ names: ['process_cpu_seconds_total'], by: [] }}
      read={({ series, stepMs }) =>
        series.map(({ values = [] }) => ({ label: 'cores', values: perSecond(values, stepMs) }))
      }
    />
  )
}
