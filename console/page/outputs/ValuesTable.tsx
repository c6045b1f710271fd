import { formatNumber, formatPercent } from '../parts/format'
import { HeadRow } from '../parts/HeadRow'
import { TableBox } from '../parts/TableBox'
import { ShareBar } from '../rules/ShareBar'
import type { DistributionsProps } from './HistogramPlot'

/** How often each label came, side by side. */
export function ValuesTable({
  output,
  distributions,
  series,
}: DistributionsProps & { readonly output: string }) {
  const values = [...new Set(distributions.flatMap((one) => (one.values ?? []).map(({ value }) => value)))]
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
                const count = one.values?.find((own) => own.value === value)?.count ?? 0
                return (
                  <td key={series[at].label}>
                    <ShareBar share={count / one.count} /> {formatPercent(count / one.count)}
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
