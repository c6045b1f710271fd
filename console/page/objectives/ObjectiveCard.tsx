import { linkTo } from '../data/place'
import { often } from '../data/poll'
import { useGraph } from '../data/useGraph'
import { ContractTable } from '../fields/ContractTable'
import { type Input, inputFields, type Output, outputFields } from '../fields/contract'
import { StateMark } from '../models/StateMark'
import { Empty } from '../parts/Empty'
import { Facts } from '../parts/Facts'
import { PlatformProblems } from '../parts/PlatformProblems'
import { TableBox } from '../parts/TableBox'
import { type Candidate, CandidatesTable } from './CandidatesTable'
import { FieldQueries } from './FieldQueries'

interface Objective {
  readonly description: string | null
  readonly owner: string | null
  readonly unit: string | null
  readonly inputs: readonly Input[]
  readonly outputs: readonly Output[]
  readonly candidates: readonly Candidate[]
  readonly versions: readonly { readonly name: string; readonly version: string; readonly state: string }[]
  readonly fields: readonly string[]
}

const query = `query Objective($name: String!) { objectives(name: $name) {
  description owner unit inputs { ${inputFields} } outputs { ${outputFields} }
  candidates { model by shards ready reason } versions { name version state } fields } }`

/** Everything that is known of an objective, and a query for each field that asks for it. */
export function ObjectiveCard({ objective }: { readonly objective: string }) {
  const { data, problems, isLoading } = useGraph<{ objectives: readonly Objective[] }>(
    query,
    { name: objective },
    often,
  )
  if (problems.length > 0) return <PlatformProblems problems={problems} />
  if (isLoading) return <p>Loading …</p>
  const found = data?.objectives[0]
  if (found === undefined)
    return (
      <Empty>
        There is no objective {objective}. <a href={linkTo('objectives')}>All objectives</a>
      </Empty>
    )
  const named = new Set(found.candidates.map(({ model }) => model))
  const others = found.versions.filter(({ name, version }) => !named.has(`${name}@${version}`))
  return (
    <>
      <p>
        <a href={linkTo('objectives')}>All objectives</a>
      </p>
      <section class="stack" aria-labelledby="card-heading">
        <h2 id="card-heading">{objective}</h2>
        {found.description !== null && <p>{found.description}</p>}
        <Facts
          of={[
            ['Owner', found.owner],
            ['Unit', found.unit ?? 'none: experiments, canaries and shadows must name one to draw by'],
            [
              'Rules',
              <a key="rules" href={linkTo('release', objective)}>
                what they send where
              </a>,
            ],
            [
              'Explain',
              <a key="explain" href={linkTo('explain', objective)}>
                why a request gets which version
              </a>,
            ],
          ]}
        />
      </section>
      <FieldQueries fields={found.fields} />
      <div class="columns">
        <ContractTable label="Inputs" of={found.inputs} />
        <ContractTable label="Outputs" of={found.outputs} />
      </div>
      <CandidatesTable candidates={found.candidates} />
      {others.length > 0 && (
        <section class="stack" aria-labelledby="others-heading">
          <h3 id="others-heading">Versions that may serve it and that no rule names</h3>
          <TableBox label="Versions that no rule names">
            <ul class="plain">
              {others.map(({ name, version, state }) => (
                <li key={`${name}@${version}`}>
                  <a href={linkTo('models', `${name}@${version}`)}>
                    {name}@{version}
                  </a>{' '}
                  <StateMark state={state} />
                </li>
              ))}
            </ul>
          </TableBox>
        </section>
      )}
    </>
  )
}
