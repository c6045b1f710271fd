import { formatDate, formatNumber, formatPercent } from '../parts/format'
import { Table } from '../parts/Table'
import type { Latency, ShadowComparison } from './comparison'
import { WorstRows } from './WorstRows'

export interface ShadowPairProps {
  readonly pair: ShadowComparison
  readonly mayReadRows: boolean
}

/** One shadow beside one version that answers. */
export function ShadowPair({ pair, mayReadRows }: ShadowPairProps) {
  const { answered, shadow, since, rows, compared, failures, outputs } = pair
  const title = `${shadow} in the shadow of ${answered}`
  return (
    <section class="stack" aria-label={title}>
      <h3>{title}</h3>
      <p>
        Since {formatDate(since)}: {formatNumber(rows)} rows sent, {formatNumber(compared)} compared
        {failures.map((one) => `, ${formatNumber(one.rows)} ${one.outcome}`)}. Time for a group of rows:{' '}
        {latencyText(pair.shadowLatency)}; of what answers {latencyText(pair.answeredLatency)}.
      </p>
      <Table label={`${title}, outputs`} names={['Output', ...figures]} numbers={figures}>
        {outputs.map((one) => (
          <tr key={one.output}>
            <th scope="row">{one.output}</th>
            <td class="number">{formatNumber(one.count)}</td>
            <td class="number">{formatPercent(one.agreement)}</td>
            <td class="number">{one.meanDifference === null ? '–' : formatNumber(one.meanDifference)}</td>
            <td class="number">{one.maxDifference === null ? '–' : formatNumber(one.maxDifference)}</td>
            <td class="number">{one.meanOverlap === null ? '–' : formatPercent(one.meanOverlap)}</td>
          </tr>
        ))}
      </Table>
      {mayReadRows &&
        outputs.map(({ output, examples }) => (
          <WorstRows key={output} output={output} answered={answered} shadow={shadow} rows={examples ?? []} />
        ))}
    </section>
  )
}

const figures = ['Rows', 'Agreement', 'Mean difference', 'Largest difference', 'Same first items']

function latencyText({ meanMs, maxMs }: Latency): string {
  return `${formatNumber(meanMs)} ms on average, ${formatNumber(maxMs)} ms at most`
}
