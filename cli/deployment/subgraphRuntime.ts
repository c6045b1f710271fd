import type { GraphQLSchema } from 'graphql'
import type { PlatformServices } from '../../platform/services'
import { withPredictDirective } from '../../schema/sdl/predictDirective'
import type { SubgraphSource } from '../../schema/sdl/subgraphSources'
import { buildPredictionSubgraph, type SubgraphResolvers } from '../../serving/fields/subgraphSchema'
import type { Config } from '../config/config'
import { type CheckedSubgraphs, checkSubgraphs } from '../graph/graph'
import { orWithRulesInEffect } from '../rules/rulesInEffect'
import { type Runtime, type RuntimeOptions, startRuntime } from './startRuntime'

/** One executable subgraph: its schema, and what answers its prediction fields. */
export interface SubgraphRuntime extends Runtime<SubgraphResolvers> {
  readonly schema: GraphQLSchema
}

export interface SubgraphParts
  extends Pick<RuntimeOptions<SubgraphResolvers, CheckedSubgraphs>, 'metrics' | 'place' | 'log'> {
  /** All subgraphs that it is checked with, including itself. */
  readonly sources: readonly SubgraphSource[]
  readonly createResolvers: (
    services: () => PlatformServices,
  ) => Promise<SubgraphResolvers> | SubgraphResolvers
  /** Where a resolver of that name stands; default: in the module beside the schema. */
  readonly placeOfResolver?: (schemaFile: string, name: string) => string
}

/** Builds one subgraph and starts its workers. Rejects as `startRuntime` does. */
export async function createSubgraphRuntime(
  config: Config,
  source: SubgraphSource,
  { sources, createResolvers, placeOfResolver, metrics, place, log }: SubgraphParts,
): Promise<SubgraphRuntime> {
  const runtime = await startRuntime(config, {
    subgraph: source.name,
    async read(services) {
      const resolvers = await createResolvers(services)
      const graph = await orWithRulesInEffect(config, place, log, (stored) =>
        checkSubgraphs(config, new Map([[source.name, resolvers]]), sources, stored, placeOfResolver),
      )
      return { graph, resolvers }
    },
    metrics,
    place,
    log,
  })
  try {
    const { document } = withPredictDirective(source)
    const { resolvers, fields, serving } = runtime
    return { ...runtime, schema: buildPredictionSubgraph(document, resolvers, fields, serving) }
  } catch (error) {
    await runtime.dispose()
    throw error
  }
}
