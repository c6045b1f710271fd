import { Chart } from '../charts/Chart'
import { perSecond } from '../charts/chartSeries'
import type { MetricsAnswer, Values } from '../data/metrics'

/** Decisions for each of some versions, whatever led to them. */
export function TrafficChart({
  models,
  decisions,
}: {
  readonly models: readonly string[]
  readonly decisions?: MetricsAnswer
}) {
  const { times = [], stepMs = 1 } = decisions ?? {}
  const series = models.map((model) => ({
    label: model,
    values: perSecond(valuesOf(decisions, model), stepMs),
  }))
  return (
    <Chart
      title="Traffic"
      note="Decisions that led to the version."
      unit="perSecond"
      times={times}
      series={decisions === undefined ? [] : series}
      empty="Loading …"
    />
  )
}

function valuesOf(decisions: MetricsAnswer | undefined, model: string): Values {
  const own = decisions?.series.filter(({ labels }) => labels['model'] === model) ?? []
  return (decisions?.times ?? []).map((_, at) =>
    own.reduce((sum, { values }) => sum + (values?.[at] ?? 0), 0),
  )
}
