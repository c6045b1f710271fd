import { formatNumber, formatPercent } from '../parts/format'
import { HeadRow } from '../parts/HeadRow'
import { TableBox } from '../parts/TableBox'
import { ShareBar } from '../rules/ShareBar'
import type { DistributionsProps } from './HistogramPlot'
import type { OutputDistribution } from './useDistributions'

/** How often each label came, side by side. */
export function ValuesTable({
  output,
  distributions,
  series,
}: DistributionsProps & { readonly output: string }) {
  const all = new Set(distributions.flatMap((one) => (one.values ?? []).map(({ value }) => value)))
  const values = [...[...all].filter((value) => value !== others), ...(all.has(others) ? [others] : [])]
  return (
    <TableBox label={`Values of ${output}, side by side`}>
      <table aria-label={`Values of ${output}`}>
        <thead>
          <HeadRow
            names={[
              output,
              ...series.map(({ label }, at) => `${label}, ${formatNumber(distributions[at].count)} answers`),
            ]}
          />
        </thead>
        <tbody>
          {values.map((value) => (
            <tr key={value}>
              <th scope="row">{value}</th>
              {distributions.map((one, at) => {
                const share = shareOf(value, one)
                return (
                  <td key={series[at].label}>
                    <ShareBar share={share ?? 0} /> {share === undefined ? '–' : formatPercent(share)}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </TableBox>
  )
}

/** Undefined if it is not known, since a rare value may be among the others. */
function shareOf(value: string, { values, count }: OutputDistribution): number | undefined {
  const own = values?.find((one) => one.value === value)
  if (own === undefined && values?.some((one) => one.value === others)) return undefined
  return (own?.count ?? 0) / count
}

/** What the graph calls all but the most frequent values. */
const others = '(other)'
