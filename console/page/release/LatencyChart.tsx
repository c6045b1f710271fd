import { MetricsChart } from '../charts/MetricsChart'

/** How long the runtime takes for a batch of each of some versions. */
export function LatencyChart({ models }: { readonly models: readonly string[] }) {
  const parts = models.map((model) => model.split('@'))
  return (
    <MetricsChart
      title="Time in the runtime"
      note="Of one batch of rows, of all objectives that ask the version."
      unit="seconds"
      empty="Neither version has run within the last hour."
      question={{
        names: ['presage_compute_infer_duration_seconds'],
        by: ['model', 'version'],
        where: { model: parts.map(([name]) => name), version: parts.map(([, version]) => version) },
      }}
      read={({ series }) =>
        (['p50', 'p99'] as const).flatMap((part) =>
          models.flatMap((model) => {
            const own = series.find(({ labels }) => `${labels['model']}@${labels['version']}` === model)
            return own === undefined ? [] : [{ label: `${model} ${part}`, values: own[part] ?? [] }]
          }),
        )
      }
    />
  )
}
