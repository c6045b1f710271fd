import type { Signal } from '@preact/signals'
import { format, formatTime, type Unit } from '../parts/format'
import { HeadRow } from '../parts/HeadRow'
import { type DrawnSeries, latestOf, meanOf, peakOf } from './chartSeries'
import { Swatch } from './Swatch'

export interface ChartTableProps {
  readonly title: string
  readonly unit: Unit
  readonly times: readonly number[]
  readonly series: readonly DrawnSeries[]
  readonly at: Signal<number | null>
}

/** The legend: what each line is, with its value now, or under the pointer, its mean and its peak. */
export function ChartTable({ title, unit, times, series, at }: ChartTableProps) {
  const step = at.value
  const isNow = step === null || times[step] === undefined
  return (
    <table class="legend" aria-label={title}>
      <thead>
        <HeadRow names={['Series', isNow ? 'Now' : formatTime(times[step]), 'Mean', 'Peak']} />
      </thead>
      <tbody>
        {series.map(({ label, values, colour, dash }) => (
          <tr key={label}>
            <th scope="row">
              <Swatch colour={colour} dash={dash} /> {label}
            </th>
            <td>{format(isNow ? latestOf(values) : values[step], unit)}</td>
            <td>{format(meanOf(values), unit)}</td>
            <td>{format(peakOf(values), unit)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
