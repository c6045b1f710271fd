import { linkTo } from '../data/place'
import { slow } from '../data/poll'
import { useGraph } from '../data/useGraph'
import { useRuleStatus } from '../data/useRuleStatus'
import { PlatformProblems } from '../parts/PlatformProblems'

interface Answer {
  readonly models: readonly { readonly state: string }[]
  readonly objectives: readonly { readonly name: string }[]
}

const query = 'query Counts { models { state } objectives { name } }'

/** What the graph has, in a few numbers that lead to their views. */
export function GraphTiles() {
  const { data, problems } = useGraph<Answer>(query, {}, { every: slow })
  const status = useRuleStatus()
  if (problems.length > 0) return <PlatformProblems problems={problems} />
  if (data === undefined) return null
  const count = (state: string) => data.models.filter((model) => model.state === state).length
  const rules = status.data
  return (
    <dl class="tiles">
      <div>
        <dt>objectives</dt>
        <dd>
          <a href={linkTo('objectives')}>{data.objectives.length}</a>
        </dd>
      </div>
      <div>
        <dt>versions ready</dt>
        <dd>
          <a href={linkTo('models', undefined, { state: 'ready' })}>{count('ready')}</a>
        </dd>
      </div>
      <div>
        <dt>versions refused</dt>
        <dd>
          <a href={linkTo('models', undefined, { state: 'refused' })}>{count('refused')}</a>
        </dd>
      </div>
      <div>
        <dt>versions loading</dt>
        <dd>
          <a href={linkTo('models', undefined, { state: 'loading' })}>{count('loading')}</a>
        </dd>
      </div>
      {rules !== undefined && (
        <div>
          <dt>rules in effect, {rules.state}</dt>
          <dd>
            <a href={linkTo('release')}>version {rules.inEffect}</a>
          </dd>
        </div>
      )}
    </dl>
  )
}
