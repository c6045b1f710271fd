import { Swatch } from '../charts/Swatch'
import { formatNumber, formatPercent } from '../parts/format'
import { HeadRow } from '../parts/HeadRow'
import { Table } from '../parts/Table'
import { TableBox } from '../parts/TableBox'
import { binnedMean, binsOf, quantile } from './bins'
import type { DistributionsProps } from './HistogramPlot'

/** The same distributions in numbers: a row for each, and every bin for those who ask. */
export function OutputsTable({ distributions, series }: DistributionsProps) {
  return (
    <>
      <TableBox label="Outputs in numbers">
        <table class="legend" aria-label="Outputs">
          <thead>
            <HeadRow names={['Version', 'Answers', 'Mean', 'p10', 'Median', 'p90']} />
          </thead>
          <tbody>
            {distributions.map((one, at) => {
              const bins = binsOf(one)
              return (
                <tr key={series[at].label}>
                  <th scope="row">
                    <Swatch colour={series[at].colour} dash={series[at].dash} /> {series[at].label}
                  </th>
                  <td>{formatNumber(one.count)}</td>
                  <td>{formatNumber(binnedMean(bins))}</td>
                  {[0.1, 0.5, 0.9].map((share) => (
                    <td key={share}>{formatNumber(quantile(bins, share) ?? 0)}</td>
                  ))}
                </tr>
              )
            })}
          </tbody>
        </table>
      </TableBox>
      <details>
        <summary>Every bin as a table</summary>
        {distributions.map((one, at) => (
          <Table
            key={series[at].label}
            label={`Bins of ${series[at].label}`}
            caption={series[at].label}
            names={['From', 'To', 'Answers', 'Share']}
          >
            {binsOf(one).map(({ from, to, count, share }) => (
              <tr key={from}>
                <td>{formatNumber(from)}</td>
                <td>{formatNumber(to)}</td>
                <td>{formatNumber(count)}</td>
                <td>{formatPercent(share)}</td>
              </tr>
            ))}
          </Table>
        ))}
      </details>
    </>
  )
}
