import { changeSettings, linkTo, place } from '../data/place'
import { slow } from '../data/poll'
import { useGraph } from '../data/useGraph'
import { FilterField } from '../fields/FilterField'
import { Picker } from '../fields/Picker'
import { Empty } from '../parts/Empty'
import { Pager } from '../parts/Pager'
import { PlatformProblems } from '../parts/PlatformProblems'
import { Table } from '../parts/Table'
import { usePage } from '../parts/usePage'
import { StateMark } from './StateMark'

interface ListedModel {
  readonly name: string
  readonly version: string
  readonly state: string
  readonly reason: string | null
  readonly owner: string | null
  readonly serves: readonly string[]
  readonly shards: readonly string[]
}

const query = 'query Models { models { name version state reason owner serves shards } }'
const states = ['', 'ready', 'loading', 'refused', 'unloaded']

/** Every version of the repository, by name, state or objective. */
export function ModelList() {
  const { data, problems, isLoading } = useGraph<{ models: readonly ListedModel[] }>(query, {}, slow)
  const { filter = '', state = '' } = place.value.settings
  const all = data?.models ?? []
  const found = all.filter(
    (model) => (state === '' || model.state === state) && textOf(model).includes(filter.toLowerCase()),
  )
  const page = usePage(found)
  if (problems.length > 0) return <PlatformProblems problems={problems} />
  if (isLoading) return <p>Loading …</p>
  if (all.length === 0)
    return (
      <Empty>
        The repository has no versions. presage models new FILE.onnx writes one, into models/NAME/VERSION of a
        repository folder.
      </Empty>
    )
  return (
    <>
      <div class="controls">
        <FilterField label="Name, objective, owner or reason" />
        <Picker
          label="State"
          options={states}
          chosen={state}
          textOf={(one) => one || 'any'}
          onChoose={(one) => changeSettings({ state: one, page: '' })}
        />
      </div>
      <Pager of={page} what="versions" />
      {found.length === 0 ? (
        <Empty>No version fits. Clear the filter to see all {all.length}.</Empty>
      ) : (
        <Table label="Versions" names={['Version', 'State', 'Objectives', 'Owner', 'Shards']}>
          {page.items.map((model) => (
            <tr key={keyOf(model)}>
              <th scope="row">
                <a href={linkTo('models', keyOf(model))}>{keyOf(model)}</a>
              </th>
              <td>
                <StateMark state={model.state} /> {model.state === 'refused' && model.reason}
              </td>
              <td>{model.serves.join(', ')}</td>
              <td>{model.owner}</td>
              <td>{model.shards.join(', ')}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  )
}

function keyOf({ name, version }: ListedModel): string {
  return `${name}@${version}`
}

function textOf(model: ListedModel): string {
  return `${keyOf(model)} ${model.serves.join(' ')} ${model.owner ?? ''} ${model.reason ?? ''}`.toLowerCase()
}
