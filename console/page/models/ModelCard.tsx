import { linkTo } from '../data/place'
import { often } from '../data/poll'
import { useCaller } from '../data/useCaller'
import { useGraph } from '../data/useGraph'
import { ContractTable } from '../fields/ContractTable'
import { type Input, inputFields, type Output, outputFields } from '../fields/contract'
import { OutputsChart } from '../outputs/OutputsChart'
import { Empty } from '../parts/Empty'
import { Facts } from '../parts/Facts'
import { formatBytes } from '../parts/format'
import { PlatformProblems } from '../parts/PlatformProblems'
import { StateMark } from './StateMark'
import { type ModelStep, StepsTable } from './StepsTable'
import { TryForm } from './TryForm'

interface Model {
  readonly name: string
  readonly version: string
  readonly platform: string
  readonly shards: readonly string[]
  readonly ready: boolean
  readonly state: string
  readonly reason: string | null
  readonly note: string | null
  readonly description: string | null
  readonly owner: string | null
  readonly licence: string | null
  readonly sha256: string | null
  readonly metrics: readonly { readonly name: string; readonly value: number }[]
  readonly serves: readonly string[]
  readonly features: readonly Input[]
  readonly outputs: readonly Output[]
  readonly preprocess: readonly ModelStep[]
  readonly postprocess: readonly ModelStep[]
  readonly sizeBytes: number | null
  readonly goldenCases: number | null
}

const query = `query Model($model: String!) { models(model: $model) {
  name version platform shards ready state reason note description owner licence sha256 metrics { name value } serves
  features { ${inputFields} } outputs { ${outputFields} } preprocess { name step } postprocess { name step } sizeBytes goldenCases } }`

/** Everything that is known of a version, and a form to try it. */
export function ModelCard({ model }: { readonly model: string }) {
  const { data, problems, isLoading } = useGraph<{ models: readonly Model[] }>(query, { model }, often)
  const { mayTryModels } = useCaller()
  if (problems.length > 0) return <PlatformProblems problems={problems} />
  if (isLoading) return <p>Loading …</p>
  const found = data?.models[0]
  if (found === undefined)
    return (
      <Empty>
        The repository has no {model}. <a href={linkTo('models')}>All versions</a>
      </Empty>
    )
  return (
    <>
      <p>
        <a href={linkTo('models')}>All versions</a>
      </p>
      <section class="stack" aria-labelledby="card-heading">
        <h2 id="card-heading">{model}</h2>
        <p>{found.description}</p>
        <Facts
          of={[
            ['State', <StateMark key="state" state={found.state} />],
            ['Reason', found.reason],
            ['Note', found.note],
            ['Serves', <Links key="serves" names={found.serves} />],
            ['Shards', found.shards.join(', ')],
            ['Owner', found.owner],
            ['Licence', found.licence],
            ['Platform', found.platform],
            ['SHA-256', found.sha256 && <code>{found.sha256}</code>],
            ['Size', found.sizeBytes !== null && formatBytes(found.sizeBytes)],
            ['Golden cases', found.goldenCases ?? 'their file cannot be read'],
            ...found.metrics.map(({ name, value }) => [name, value] as const),
          ]}
        />
      </section>
      <div class="columns">
        <ContractTable label="Features" of={found.features} />
        {found.outputs.length > 0 && <ContractTable label="Outputs" of={found.outputs} />}
        {found.preprocess.length > 0 && (
          <StepsTable label="Inputs of the graph, made from features" of={found.preprocess} />
        )}
        {found.postprocess.length > 0 && (
          <StepsTable label="Outputs, made from those of the graph" of={found.postprocess} />
        )}
        {found.ready && <OutputsChart models={[model]} outputs={found.outputs} />}
      </div>
      {found.ready && mayTryModels && <TryForm model={model} features={found.features} />}
    </>
  )
}

function Links({ names }: { readonly names: readonly string[] }) {
  return (
    <>
      {names.map((name, at) => (
        <span key={name}>
          {at > 0 && ', '}
          <a href={linkTo('objectives', name)}>{name}</a>
        </span>
      ))}
    </>
  )
}
