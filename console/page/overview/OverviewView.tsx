import { MetricsChart, type MetricsChartProps } from '../charts/MetricsChart'
import { useMetrics } from '../data/useMetrics'
import { Problems } from '../parts/Problems'
import { answerCharts, modelCharts, processCharts } from './charts'
import { GraphTiles } from './GraphTiles'
import { SourceNote } from './SourceNote'

/** Where predictions and time go, over the last hour. */
export function OverviewView() {
  const { data, problems } = useMetrics({ names: ['process_resident_memory_bytes'], by: [] })
  return (
    <>
      <GraphTiles />
      {data !== undefined && <SourceNote {...data} />}
      {problems.length > 0 ? (
        <Problems problems={problems} />
      ) : (
        <>
          <ChartSection id="answers-heading" title="What clients get" charts={answerCharts} />
          <ChartSection id="models-heading" title="What models do" charts={modelCharts} />
          <ChartSection id="process-heading" title="What the process takes" charts={processCharts} />
        </>
      )}
    </>
  )
}

interface ChartSectionProps {
  readonly id: string
  readonly title: string
  readonly charts: readonly MetricsChartProps[]
}

function ChartSection({ id, title, charts }: ChartSectionProps) {
  return (
    <section class="stack" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <div class="charts">
        {charts.map((chart) => (
          <MetricsChart key={chart.title} {...chart} />
        ))}
      </div>
    </section>
  )
}
