import { linkTo, place } from '../data/place'
import { useGraph } from '../data/useGraph'
import { Picker } from '../fields/Picker'
import { NoObjective } from '../parts/NoObjective'
import { PlatformProblems } from '../parts/PlatformProblems'
import { ContextForm } from './ContextForm'
import { PastedSection } from './PastedSection'
import { RulesPicker } from './RulesPicker'

interface Answer {
  readonly objectives: readonly { readonly name: string }[]
  readonly contextKeys: readonly { readonly name: string; readonly type: string }[]
}

const query = 'query Explainable { objectives { name } contextKeys { name type } }'

/** Why the rules decide as they do: for a context that somebody types, or for a prediction that a client got. */
export function ExplainView({ subject }: { readonly subject?: string }) {
  const { data, problems, isLoading } = useGraph<Answer>(query)
  if (problems.length > 0) return <PlatformProblems problems={problems} />
  if (isLoading || data === undefined) return <p>Loading …</p>
  const names = data.objectives.map(({ name }) => name).sort()
  const chosen = subject ?? names[0]
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
              location.hash = linkTo('explain', name, forAnyObjective(place.value.settings))
            }}
          />
          <RulesPicker />
        </div>
        {names.includes(chosen) ? (
          <ContextForm objective={chosen} keys={data.contextKeys} />
        ) : (
          <NoObjective name={chosen} />
        )}
      </section>
      <PastedSection />
    </>
  )
}

/** Inputs are those of one objective; a context and a version of the rules are asked about for others as well. */
function forAnyObjective(settings: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !key.startsWith('input.')))
}
