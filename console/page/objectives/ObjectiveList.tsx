import { linkTo, place } from '../data/place'
import { slow } from '../data/poll'
import { useGraph } from '../data/useGraph'
import { FilterField } from '../fields/FilterField'
import { Empty } from '../parts/Empty'
import { Pager } from '../parts/Pager'
import { PlatformProblems } from '../parts/PlatformProblems'
import { Table } from '../parts/Table'
import { usePage } from '../parts/usePage'

interface ListedObjective {
  readonly name: string
  readonly description: string | null
  readonly owner: string | null
  readonly default: { readonly name: string; readonly version: string } | null
  readonly fields: readonly string[]
}

const query = 'query Objectives { objectives { name description owner default { name version } fields } }'

/** Every objective that fields may ask for. */
export function ObjectiveList() {
  const { data, problems, isLoading } = useGraph<{ objectives: readonly ListedObjective[] }>(query, {}, slow)
  const { filter = '' } = place.value.settings
  const all = data?.objectives ?? []
  const found = all.filter((objective) => textOf(objective).includes(filter.toLowerCase()))
  const page = usePage(found)
  if (problems.length > 0) return <PlatformProblems problems={problems} />
  if (isLoading) return <p>Loading …</p>
  if (all.length === 0)
    return (
      <Empty>This graph has no objectives. Write one as objectives/NAME.yaml in a repository folder.</Empty>
    )
  return (
    <>
      <div class="controls">
        <FilterField label="Name, field, owner or version" />
      </div>
      <Pager of={page} what="objectives" />
      {found.length === 0 ? (
        <Empty>No objective fits. Clear the filter to see all {all.length}.</Empty>
      ) : (
        <Table label="Objectives" names={['Objective', 'Question', 'Default', 'Fields', 'Owner']}>
          {page.items.map((objective) => (
            <tr key={objective.name}>
              <th scope="row">
                <a href={linkTo('objectives', objective.name)}>{objective.name}</a>
              </th>
              <td>{objective.description}</td>
              <td>{defaultOf(objective)}</td>
              <td>{objective.fields.join(', ')}</td>
              <td>{objective.owner}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  )
}

function defaultOf({ default: version }: ListedObjective): string {
  return version === null ? 'none' : `${version.name}@${version.version}`
}

function textOf(objective: ListedObjective): string {
  const { name, description, owner, fields } = objective
  return `${name} ${description ?? ''} ${owner ?? ''} ${fields.join(' ')} ${defaultOf(objective)}`.toLowerCase()
}
