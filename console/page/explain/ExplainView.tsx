import { linkTo } from '../data/place'
import { useGraph } from '../data/useGraph'
import { type Input, inputFields } from '../fields/contract'
import { Picker } from '../fields/Picker'
import { NoObjective } from '../parts/NoObjective'
import { PlatformProblems } from '../parts/PlatformProblems'
import { ContextForm } from './ContextForm'
import { PastedSection } from './PastedSection'
import { RulesPicker } from './RulesPicker'

interface Answer {
  readonly objectives: readonly { readonly name: string; readonly inputs: readonly Input[] }[]
  readonly contextKeys: readonly { readonly name: string; readonly type: string }[]
}

const query = `query Explainable { objectives { name inputs { ${inputFields} } } contextKeys { name type } }`

/** Why the rules decide as they do: for a context that somebody types, or for a prediction that a client got. */
export function ExplainView({ subject }: { readonly subject?: string }) {
  const { data, problems, isLoading } = useGraph<Answer>(query)
  if (problems.length > 0) return <PlatformProblems problems={problems} />
  if (isLoading || data === undefined) return <p>Loading …</p>
  const names = data.objectives.map(({ name }) => name).sort()
  const chosen = subject ?? names[0]
  const objective = data.objectives.find(({ name }) => name === chosen)
  return (
    <>
      <section class="stack" aria-labelledby="typed-heading">
        <h2 id="typed-heading">A context, typed in</h2>
        <div class="controls">
          <Picker
            label="Objective"
            options={names}
            chosen={chosen}
            onChoose={(name) => {
              location.hash = linkTo('explain', name)
            }}
          />
          <RulesPicker />
        </div>
        {objective === undefined ? (
          <NoObjective name={chosen} />
        ) : (
          <ContextForm key={chosen} objective={chosen} keys={data.contextKeys} inputs={objective.inputs} />
        )}
      </section>
      <PastedSection />
    </>
  )
}
