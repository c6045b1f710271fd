import { TableBox } from '../parts/TableBox'
import type { Input, Output } from './contract'

export interface ContractTableProps {
  readonly label: string
  readonly of: readonly (Output & Partial<Input>)[]
}

/** Inputs or outputs with their types and bounds. */
export function ContractTable({ label, of }: ContractTableProps) {
  const hasBounds = of.some((one) => boundsOf(one) !== '')
  const hasTexts = of.some((one) => textOf(one) !== '')
  return (
    <TableBox label={label}>
      <table>
        <caption class="muted">{label}</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Type</th>
            {hasBounds && <th scope="col">Bounds</th>}
            {hasTexts && <th scope="col">Description</th>}
          </tr>
        </thead>
        <tbody>
          {of.map((one) => (
            <tr key={one.name}>
              <th scope="row">{one.name}</th>
              <td>
                <code>{one.type}</code>
              </td>
              {hasBounds && <td>{boundsOf(one)}</td>}
              {hasTexts && <td>{textOf(one)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </TableBox>
  )
}

function textOf({ description, measure }: Output): string {
  return [description, measure && `in ${measure}`].filter(Boolean).join('; ')
}

function boundsOf({ range, length, maxLength, nullable, default: fallback }: Partial<Input>): string {
  return [
    range && `${range[0]} to ${range[1]}`,
    length && `${length} items`,
    maxLength && `at most ${maxLength}`,
    nullable && 'may be null',
    fallback !== null && fallback !== undefined && `default ${JSON.stringify(fallback)}`,
  ]
    .filter(Boolean)
    .join(', ')
}
