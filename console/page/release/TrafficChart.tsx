import { Chart } from '../charts/Chart'
import { perSecond } from '../charts/chartSeries'
import { type MetricsAnswer, nothingCounted, type Values } from '../data/metrics'

/** Decisions for each of some versions, whatever led to them. */
export function TrafficChart({
  models,
  decisions,
}: {
  readonly models: readonly string[]
  readonly decisions?: MetricsAnswer
}) {
  const series =
    decisions === undefined
      ? []
      : models.map((model) => ({
          label: model,
          values: perSecond(valuesOf(decisions, model), decisions.stepMs),
        }))
  return (
    <Chart
      title="Traffic"
      note="Decisions that led to the version."
      unit="perSecond"
      times={decisions?.times ?? []}
      series={series}
      empty="Loading …"
    />
  )
}

function valuesOf(decisions: MetricsAnswer, model: string): Values {
  const own = decisions.series.filter(({ labels }) => labels['model'] === model)
  return nothingCounted(decisions).map((nothing, at) =>
    nothing === null ? null : own.reduce((sum, { values }) => sum + (values?.[at] ?? 0), 0),
  )
}
