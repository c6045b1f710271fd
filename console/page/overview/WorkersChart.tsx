import { MetricsChart } from '../charts/MetricsChart'

export function WorkersChart() {
  return (
    <MetricsChart
      title="Workers lost, by shard"
      note="In each step: workers that died or were taken out of service."
      unit="count"
      empty="No worker was lost within the last hour."
      question={{ names: ['presage_workers_lost_total'], by: ['shard'], top: 8 }}
      read={({ series }) =>
        series.map(({ labels, values = [], other }) => ({
          label: other ? 'all others' : labels['shard'],
          values,
          other,
        }))
      }
    />
  )
}
