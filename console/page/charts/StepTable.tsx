import { useState } from 'preact/hooks'
import { format, formatTime } from '../parts/format'
import { TableBox } from '../parts/TableBox'
import type { ChartTableProps } from './ChartTable'

/** Every step of a chart in numbers, the newest first, for those who ask for it. */
export function StepTable({ title, unit, times, series }: Omit<ChartTableProps, 'at'>) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Every step as a table</summary>
      {isOpen && (
        <TableBox label={`${title}, every step`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Until</th>
                {series.map(({ label }) => (
                  <th scope="col" key={label}>
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
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
            </tbody>
          </table>
        </TableBox>
      )}
    </details>
  )
}
