import { Table } from '../parts/Table'

export interface Draw {
  readonly by: string
  readonly name: string
  readonly salt: string
  readonly unit: string | null
  readonly value: string | null
  readonly bucket: number | null
  readonly cell: string | null
  readonly taken: boolean | null
}

/** The draws of an experiment, a canary and of shadows for one unit. */
export function DrawsTable({ draws }: { readonly draws: readonly Draw[] }) {
  if (draws.length === 0) return null
  return (
    <Table
      label="Draws"
      caption="Draws"
      names={['For', 'Unit', 'Salt', 'Bucket', 'Result']}
      numbers={['Bucket']}
    >
      {draws.map(({ by, name, salt, unit, value, bucket, cell, taken }) => (
        <tr key={`${by} ${name}`}>
          <th scope="row">
            {by} {name}
          </th>
          <td>
            {unit ?? 'none'} {value !== null && <code>{value}</code>}
          </td>
          <td>{salt}</td>
          <td class="number">{bucket?.toLocaleString('en') ?? '–'}</td>
          <td>{resultOf(cell, taken)}</td>
        </tr>
      ))}
    </Table>
  )
}

function resultOf(cell: string | null, taken: boolean | null): string {
  if (cell !== null) return `cell ${cell}`
  if (taken === null) return 'not drawn'
  return taken ? 'applies' : 'does not apply'
}
