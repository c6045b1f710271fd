import { linkTo } from '../data/place'
import { StateMark } from '../models/StateMark'
import { Empty } from '../parts/Empty'
import { Table } from '../parts/Table'

/** A version that rules name. */
export interface Candidate {
  readonly model: string
  readonly by: readonly string[]
  readonly shards: readonly string[]
  readonly ready: boolean
  readonly reason: string | null
}

export function CandidatesTable({ candidates }: { readonly candidates: readonly Candidate[] }) {
  if (candidates.length === 0)
    return <Empty>No rule names a version. Write a default for it into the rules.</Empty>
  return (
    <Table
      label="Versions that rules name"
      caption="Versions that rules name"
      names={['Version', 'How', 'Shards', 'State']}
    >
      {candidates.map(({ model, by, shards, ready, reason }) => (
        <tr key={model}>
          <th scope="row">
            <a href={linkTo('models', model)}>{model}</a>
          </th>
          <td>{by.join('; ')}</td>
          <td>{shards.join(', ')}</td>
          <td>
            {ready ? (
              <StateMark state="ready" />
            ) : (
              <>
                <span class="state bad">▲ not ready:</span> {reason}
              </>
            )}
          </td>
        </tr>
      ))}
    </Table>
  )
}
