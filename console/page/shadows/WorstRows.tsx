import { formatNumber } from '../parts/format'
import { Table } from '../parts/Table'
import type { WorstRow } from './comparison'
import { ScatterPlot } from './ScatterPlot'

export interface WorstRowsProps {
  readonly output: string
  readonly answered: string
  readonly shadow: string
  readonly rows: readonly WorstRow[]
}

/** The rows on which a shadow differs most; none unless the configuration keeps them. */
export function WorstRows({ output, answered, shadow, rows }: WorstRowsProps) {
  if (rows.length === 0) return null
  const points = rows.map((row) => [Number(row.answered), Number(row.shadow)] as const)
  const isNumeric = points.every((point) => point.every(Number.isFinite))
  return (
    <details open>
      <summary>
        Rows where {output} differs most ({rows.length})
      </summary>
      <div class={isNumeric ? 'beside' : ''}>
        {isNumeric && <ScatterPlot points={points} across={answered} up={shadow} />}
        <Table label={`Rows where ${output} differs most`} names={[answered, shadow, 'Inputs', 'Request']}>
          {rows.map((row, at) => (
            <tr key={at}>
              <td>{textOf(row.answered)}</td>
              <td>{textOf(row.shadow)}</td>
              <td>
                <code>
                  {Object.entries(row.inputs)
                    .map(
                      ([name, value]) =>
                        `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
                    )
                    .join(', ')}
                </code>
              </td>
              <td>
                <code>{row.request}</code>
              </td>
            </tr>
          ))}
        </Table>
      </div>
    </details>
  )
}

function textOf(value: string): string {
  return Number.isFinite(Number(value)) ? formatNumber(Number(value)) : value
}
