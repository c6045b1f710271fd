import { stringify } from 'yaml'
import { Table } from '../parts/Table'

/** A step of a manifest: the input of the graph, or the output, and how it is made. */
export interface ModelStep {
  readonly name: string
  readonly step: unknown
}

/** Steps of a manifest, as they are written there. */
export function StepsTable({ label, of }: { readonly label: string; readonly of: readonly ModelStep[] }) {
  return (
    <Table label={label} caption={label} names={['Name', 'Step']}>
      {of.map(({ name, step }) => (
        <tr key={name}>
          <th scope="row">{name}</th>
          <td>
            <pre>{textOf(step)}</pre>
          </td>
        </tr>
      ))}
    </Table>
  )
}

/** As YAML, each of parallel steps on a line of its own. */
function textOf(step: unknown): string {
  if (Array.isArray(step)) return step.map((one) => `- ${textOf(one)}`).join('\n')
  return stringify(step, { collectionStyle: 'flow', lineWidth: 0 }).trim()
}
