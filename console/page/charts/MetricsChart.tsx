import type { MetricsAnswer, MetricsQuestion } from '../data/metrics'
import { useMetrics } from '../data/useMetrics'
import { MetricsProblems } from '../parts/MetricsProblems'
import { Chart, type ChartProps } from './Chart'
import type { ChartSeries } from './chartSeries'

export interface MetricsChartProps extends Omit<ChartProps, 'times' | 'series'> {
  readonly question: MetricsQuestion
  /** The lines, from what the question brings. */
  read(answer: MetricsAnswer): readonly ChartSeries[]
}

/** A chart of metrics, asked again as time passes. */
export function MetricsChart({ question, read, ...chart }: MetricsChartProps) {
  const { data, problems, isLoading } = useMetrics(question)
  if (problems.length > 0) return <MetricsProblems title={chart.title} problems={problems} />
  if (data === undefined)
    return <Chart {...chart} times={[]} series={[]} empty={isLoading ? 'Loading …' : chart.empty} />
  return <Chart {...chart} times={data.times} series={read(data)} />
}
