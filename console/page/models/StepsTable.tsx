import { stringify } from 'yaml'
import { HeadRow } from '../parts/HeadRow'
import { TableBox } from '../parts/TableBox'
import type { ModelStep } from './modelStep'

/** Steps of a manifest, as they are written there. */
export function StepsTable({ label, of }: { readonly label: string; readonly of: readonly ModelStep[] }) {
  return (
    <TableBox label={label}>
      <table>
        <caption class="muted">{label}</caption>
        <thead>
          <HeadRow names={['Name', 'Step']} />
        </thead>
        <tbody>
          {of.map(({ name, step }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <pre>{textOf(step)}</pre>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableBox>
  )
}

/** As YAML, each of parallel steps on a line of its own. */
function textOf(step: unknown): string {
  if (Array.isArray(step)) return step.map((one) => `- ${textOf(one)}`).join('\n')
  return stringify(step, { collectionStyle: 'flow', lineWidth: 0 }).trim()
}
