import { GraphQLScalarType, valueFromASTUntyped } from 'graphql'
import { PresageError } from '../lib/errors'
import { requireRole } from '../lib/request/roles'
import type { SubgraphResolvers } from '../serving/fields/subgraphSchema'
import type { SubgraphContext } from '../serving/inputs/subgraphContext'
import { tryModel } from '../serving/requests/tryModel'
import { callerQueries } from './callerQueries'
import { describeObjective, describeVersion } from './describe'
import { distributionQueries, outputDistribution } from './distributionQueries'
import { routeQueries } from './routeQueries'
import { ruleMutations } from './ruleMutations'
import { ruleQueries } from './ruleQueries'
import type { PlatformServices } from './services'
import { shadowOutput, shadowQueries } from './shadowQueries'
import { shardQueries } from './shardQueries'

const json = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON value.',
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
})

/** The resolvers of the platform subgraph. They call `services` when they run, not while they are created. */
export function createPlatformResolvers(services: () => PlatformServices): SubgraphResolvers {
  return {
    JSON: json,
    Query: {
      models: (_: unknown, { model }: { model?: string | null }, { request }: SubgraphContext) => {
        requireRole(request, 'viewer')
        const { serving, version } = services()
        return serving.registry
          .list()
          .filter(({ key }) => model == null || key === model)
          .map((status) => describeVersion(status, version(status.key)))
      },
      objectives: (_: unknown, { name }: { name?: string | null }, { request }: SubgraphContext) => {
        requireRole(request, 'viewer')
        const own = services()
        return [...own.serving.objectives.values()]
          .filter((objective) => name == null || objective.name === name)
          .map((objective) => describeObjective(objective, own))
      },
      tryModel: (
        _: unknown,
        { model, features }: { model: string; features: readonly unknown[] },
        { request }: SubgraphContext,
      ) => {
        const { serving, tryModelAllowed } = services()
        if (!tryModelAllowed)
          throw new PresageError('FORBIDDEN', 'tryModel is off in this graph; the configuration can allow it')
        requireRole(request, 'researcher')
        return tryModel(serving, request, model, features)
      },
      ...callerQueries(services),
      ...ruleQueries(services),
      ...routeQueries(services),
      ...shardQueries(services),
      ...shadowQueries(services),
      ...distributionQueries(services),
    },
    ShadowOutput: shadowOutput,
    OutputDistribution: outputDistribution,
    Mutation: ruleMutations(services),
  }
}
