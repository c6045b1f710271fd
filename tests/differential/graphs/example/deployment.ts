import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assertObjectType, type GraphQLSchema, printSchema } from 'graphql'
import { loadConfig } from '../../../../cli/config/config'
import { createSubgraphRuntime } from '../../../../cli/deployment/subgraphRuntime'
import { loadDeploymentSources } from '../../../../cli/graph/deploymentSources'
import { checkSubgraphs } from '../../../../cli/graph/graph'
import { createResolversOf, type ResolversBySubgraph } from '../../../../cli/graph/subgraphResolvers'
import { buildPublicSchema } from '../../../../federation/supergraph/publicSchema'
import { noMetrics } from '../../../../lib/metrics'
import { packageRoot } from '../../../../lib/packagePaths'
import { withPredictDirective } from '../../../../schema/sdl/predictDirective'
import { buildPredictionSubgraph } from '../../../../serving/fields/subgraphSchema'

/** The example service without its gateway: subgraphs that run, over one serving with all models. */
export interface ExampleDeployment {
  readonly supergraphSdl: string
  /** What clients see, as text. */
  readonly publicSdl: string
  readonly subgraphs: ReadonlyMap<string, GraphQLSchema>
  /** `Type.field` of all fields that a model fills. */
  readonly predictions: readonly string[]
  close(): Promise<void>
}

/** All that the graph `example` uses of Presage. Settles when every model is ready. */
export async function startDeployment(): Promise<ExampleDeployment> {
  const config = heldStill(loadConfig(join(packageRoot, 'presage.yaml')))
  const sources = loadDeploymentSources(config)
  const platform = sources.find(({ name }) => name === 'platform')
  if (platform === undefined) throw new Error('no subgraph platform')
  // The platform's runtime has all models, whichever subgraph needs them.
  const runtime = await createSubgraphRuntime(config, platform, {
    sources,
    createResolvers: (services) => createResolversOf(platform, config, services),
    metrics: noMetrics,
    place: { name: 'differential' },
    log: () => {},
  })
  try {
    await runtime.load()
    const { ready, reasons } = runtime.readiness()
    if (!ready) throw new Error(`models are not ready: ${reasons.join('; ')}`)
    const others = sources.filter((source) => source !== platform)
    const resolvers: ResolversBySubgraph = new Map(
      await Promise.all(
        others.map(async (source) => [source.name, await createResolversOf(source, config)] as const),
      ),
    )
    const { fields } = checkSubgraphs(config, resolvers, sources).plan
    holdWorkersStill(runtime.schema)
    const subgraphs = new Map([['platform', runtime.schema]])
    for (const source of others) {
      const { name } = source
      const own = fields.filter(({ subgraph }) => subgraph === name)
      const { document } = withPredictDirective(source)
      subgraphs.set(name, buildPredictionSubgraph(document, resolvers.get(name) ?? {}, own, runtime.serving))
    }
    const supergraphSdl = readFileSync(config.graph.supergraph, 'utf8')
    return {
      supergraphSdl,
      publicSdl: printSchema(buildPublicSchema(supergraphSdl)),
      subgraphs,
      predictions: fields.map(({ coordinate }) => coordinate),
      close: () => runtime.dispose(),
    }
  } catch (error) {
    await runtime.dispose()
    throw error
  }
}

/** What workers do and count changes while an operation runs. */
function holdWorkersStill(schema: GraphQLSchema): void {
  const { state, batches, rows } = assertObjectType(schema.getType('ShardWorker')).getFields()
  state.resolve = () => 'IDLE'
  for (const field of [batches, rows]) field.resolve = () => 0
}

type Config = ReturnType<typeof loadConfig>

/** Nothing of it changes while it runs: neither files nor mutations do anything, and no other process has its rules. */
function heldStill(config: Config): Config {
  return {
    ...config,
    models: { ...config.models, watch: false },
    ruleStore: { ...config.ruleStore, place: { kind: 'memory' }, follow: false, mutations: false },
  }
}
