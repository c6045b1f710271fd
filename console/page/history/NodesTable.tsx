import type { RuleStatus } from '../data/useRuleStatus'
import { Table } from '../parts/Table'

/** The processes that follow the rules, by their last report. */
export function NodesTable({ nodes }: Pick<RuleStatus, 'nodes'>) {
  return (
    <Table label="Processes that follow the rules" names={['Process', 'Runs version', 'State']}>
      {nodes.map(({ name, inEffect, straggler, note, problems }) => (
        <tr key={name}>
          <th scope="row">{name}</th>
          <td>{inEffect ?? '–'}</td>
          <td>
            <span class={straggler ? 'state bad' : 'state good'}>
              {straggler ? '▲ not on its version' : '● on its version'}
            </span>
            {[note, ...problems].filter((text) => text !== null).map((text) => `; ${text}`)}
          </td>
        </tr>
      ))}
    </Table>
  )
}
