import { Table } from '../parts/Table'
import type { Input, Output } from './contract'

export interface ContractTableProps {
  readonly label: string
  readonly of: readonly (Output & Partial<Input>)[]
}

/** Inputs or outputs with their types and bounds. */
export function ContractTable({ label, of }: ContractTableProps) {
  const hasBounds = of.some((one) => boundsOf(one) !== '')
  const hasTexts = of.some((one) => textOf(one) !== '')
  const names = ['Name', 'Type', ...(hasBounds ? ['Bounds'] : []), ...(hasTexts ? ['Description'] : [])]
  return (
    <Table label={label} caption={label} names={names}>
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
    </Table>
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
