import { linkTo } from '../data/place'
import { slow } from '../data/poll'
import { useGraph } from '../data/useGraph'
import { useRuleStatus } from '../data/useRuleStatus'
import { PlatformProblems } from '../parts/PlatformProblems'

interface Answer {
  readonly models: readonly { readonly state: string }[]
  readonly objectives: readonly { readonly name: string }[]
}

type Tile = readonly [name: string, place: string, value: string | number]

const query = 'query Counts { models { state } objectives { name } }'

/** What the graph has, in a few numbers that lead to their views. */
export function GraphTiles() {
  const { data, problems } = useGraph<Answer>(query, {}, slow)
  const status = useRuleStatus()
  if (problems.length > 0) return <PlatformProblems problems={problems} />
  if (data === undefined) return null
  const rules = status.data
  const tiles: Tile[] = [
    ['objectives', linkTo('objectives'), data.objectives.length],
    ...['ready', 'refused', 'loading'].map(
      (state): Tile => [
        `versions ${state}`,
        linkTo('models', undefined, { state }),
        data.models.filter((model) => model.state === state).length,
      ],
    ),
  ]
  if (rules !== undefined)
    tiles.push([`rules in effect, ${rules.state}`, linkTo('release'), `version ${rules.inEffect}`])
  return (
    <dl class="tiles">
      {tiles.map(([name, place, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <a href={place}>{value}</a>
          </dd>
        </div>
      ))}
    </dl>
  )
}
