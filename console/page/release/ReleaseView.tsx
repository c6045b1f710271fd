import { changeSettings, linkTo, place } from '../data/place'
import { useGraph } from '../data/useGraph'
import { Picker } from '../fields/Picker'
import { HistorySection } from '../history/HistorySection'
import { NoObjective } from '../parts/NoObjective'
import { PlatformProblems } from '../parts/PlatformProblems'
import { ObjectiveRelease } from './ObjectiveRelease'
import { readSpan, spanNames, spans } from './span'

const query = 'query ObjectiveNames { objectives { name } }'

/** How a release does: for one objective what its rules send where, and the history of all rules. */
export function ReleaseView({ subject }: { readonly subject?: string }) {
  const { data, problems, isLoading } = useGraph<{ objectives: readonly { name: string }[] }>(query)
  if (problems.length > 0) return <PlatformProblems problems={problems} />
  if (data === undefined) return isLoading ? <p>Loading …</p> : null
  const names = data.objectives.map(({ name }) => name).sort()
  const chosen = subject ?? names[0]
  const span = readSpan(place.value.settings['span'])
  return (
    <>
      <div class="controls">
        <Picker
          label="Objective"
          options={names}
          chosen={chosen}
          onChoose={(name) => {
            location.hash = linkTo('release', name, { span })
          }}
        />
        <Picker
          label="Count"
          options={spans}
          chosen={span}
          textOf={(one) => spanNames[one]}
          onChoose={(one) => changeSettings({ span: one })}
        />
      </div>
      {names.includes(chosen) ? (
        <ObjectiveRelease key={chosen} objective={chosen} span={span} />
      ) : (
        <NoObjective name={chosen} />
      )}
      <HistorySection />
    </>
  )
}
