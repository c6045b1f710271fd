import type { RuleStatus } from '../data/useRuleStatus'
import { TableBox } from '../parts/TableBox'

/** The processes that follow the rules, by their last report. */
export function NodesTable({ nodes }: Pick<RuleStatus, 'nodes'>) {
  return (
    <TableBox label="Processes that follow the rules">
      <table>
        <thead>
          <tr>
            <th scope="col">Process</th>
            <th scope="col">Runs version</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map(({ name, inEffect, straggler, note, problems }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{inEffect ?? '–'}</td>
              <td>
                <span class={straggler ? 'state bad' : 'state good'}>
                  {straggler ? '▲ not on its version' : '● on its version'}
                </span>{' '}
                {[note, ...problems].filter((text) => text !== null).join('; ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableBox>
  )
}
