import { useState } from 'preact/hooks'
import { format, formatTime } from '../parts/format'
import { Table } from '../parts/Table'
import type { ChartTableProps } from './ChartTable'

/** Every step of a chart in numbers, the newest first, for those who ask for it. */
export function StepTable({ title, unit, times, series }: Omit<ChartTableProps, 'at'>) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Every step as a table</summary>
      {isOpen && (
        <Table label={`${title}, every step`} names={['Until', ...series.map(({ label }) => label)]}>
          {times.map((_, index) => {
            const step = times.length - 1 - index
            return (
              <tr key={times[step]}>
                <th scope="row">{formatTime(times[step])}</th>
                {series.map(({ label, values }) => (
                  <td key={label}>{format(values[step], unit)}</td>
                ))}
              </tr>
            )
          })}
        </Table>
      )}
    </details>
  )
}
