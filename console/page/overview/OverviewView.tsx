import { useMetrics } from '../data/useMetrics'
import { Problems } from '../parts/Problems'
import { BatchChart } from './BatchChart'
import { CpuChart } from './CpuChart'
import { DecisionsChart } from './DecisionsChart'
import { ErrorsChart } from './ErrorsChart'
import { GraphTiles } from './GraphTiles'
import { LatencyChart } from './LatencyChart'
import { LoopChart } from './LoopChart'
import { MemoryChart } from './MemoryChart'
import { QueueChart } from './QueueChart'
import { RequestsChart } from './RequestsChart'
import { RowsChart } from './RowsChart'
import { SourceNote } from './SourceNote'
import { WorkersChart } from './WorkersChart'

/** Where predictions and time go, over the last hour. */
export function OverviewView() {
  const { data, problems } = useMetrics({ names: ['process_resident_memory_bytes'], by: [] })
  return (
    <>
      <GraphTiles />
      {data !== undefined && <SourceNote {...data} />}
      {problems.length > 0 ? <Problems problems={problems} /> : <Charts />}
    </>
  )
}

function Charts() {
  return (
    <>
      <section class="stack" aria-labelledby="answers-heading">
        <h2 id="answers-heading">What clients get</h2>
        <div class="charts">
          <DecisionsChart />
          <LatencyChart />
          <ErrorsChart />
          <RequestsChart />
        </div>
      </section>
      <section class="stack" aria-labelledby="models-heading">
        <h2 id="models-heading">What models do</h2>
        <div class="charts">
          <RowsChart />
          <BatchChart />
          <QueueChart />
          <WorkersChart />
        </div>
      </section>
      <section class="stack" aria-labelledby="process-heading">
        <h2 id="process-heading">What the process takes</h2>
        <div class="charts">
          <CpuChart />
          <MemoryChart />
          <LoopChart />
        </div>
      </section>
    </>
  )
}
