import { type GraphQLResolveInfo, GraphQLScalarType, responsePathAsArray, valueFromASTUntyped } from 'graphql'
import { PresageError, show } from '../lib/errors'
import { didYouMean } from '../lib/files/nearMiss'
import { requireRole } from '../lib/request/roles'
import type { SubgraphResolvers } from '../serving/fields/subgraphSchema'
import type { SubgraphContext } from '../serving/inputs/subgraphContext'
import { tryModel } from '../serving/requests/tryModel'
import type { RouteConfiguration } from '../serving/routes/resolveRoute'
import type { OutputComparison } from '../serving/shadow/pairComparison'
import { describeObjective, describeShadow, describeShard, describeVersion } from './describe'
import { describeInput, describeOutput } from './describeSpec'
import { distributionQueries, outputDistribution } from './distributionQueries'
import { forRole } from './forRole'
import { type RouteArguments, routeQuestion } from './routeQuestion'
import { ruleMutations } from './ruleMutations'
import { ruleQueries } from './ruleQueries'
import type { PlatformServices } from './services'

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
      models: forRole('viewer', ({ model }: { model?: string | null }) => {
        const { serving, version } = services()
        return serving.registry
          .list()
          .filter(({ key }) => model == null || key === model)
          .map((status) => describeVersion(status, version(status.key)))
      }),
      objectives: forRole('viewer', ({ name }: { name?: string | null }) => {
        const own = services()
        return [...own.serving.objectives.values()]
          .filter((objective) => name == null || objective.name === name)
          .map((objective) => describeObjective(objective, own))
      }),
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
      /** What the client that asks may do. */
      caller: (_: unknown, _args: unknown, { request: { roles } }: SubgraphContext) => {
        const { tryModelAllowed, rules } = services()
        return {
          roles,
          mayTryModels: tryModelAllowed && roles.includes('researcher'),
          mayChangeRules: rules.mutationsAllowed && roles.includes('operator'),
        }
      },
      contextKeys: forRole('viewer', () => {
        const { contextKeys = [], contextTypes } = services().rules.knownNames()
        return [...contextKeys].map((name) => ({ name, type: contextTypes.get(name) ?? 'string' }))
      }),
      ...ruleQueries(services),
      /** The same service also has an HTTP path of its own. */
      resolveRoute: (
        _: unknown,
        args: RouteArguments,
        { request }: SubgraphContext,
        { path }: GraphQLResolveInfo,
      ) => services().resolveRoute(request, routeQuestion(args), responsePathAsArray(path)),
      shards: forRole('viewer', ({ name }: { name?: string | null }) => {
        const { shards } = services().serving
        if (name != null && !shards.has(name)) {
          const known = [...shards.keys()]
          const message = `name: must be one of ${known.join(', ')}, got ${show(name)}${didYouMean(name, known)}`
          throw new PresageError('BAD_USER_INPUT', message)
        }
        return [...shards.values()].filter((shard) => name == null || shard.name === name).map(describeShard)
      }),
      shadowComparisons: forRole('viewer', ({ objective }: { objective?: string | null }) =>
        services()
          .comparisons.list(objective ?? undefined)
          .map(describeShadow),
      ),
      ...distributionQueries(services),
    },
    ShadowOutput: {
      /** Examples contain what clients sent, so they need a higher role than the figures. */
      examples: ({ examples }: OutputComparison, _args: unknown, { request }: SubgraphContext) => {
        requireRole(request, 'researcher')
        return examples
      },
    },
    OutputDistribution: outputDistribution,
    RouteConfiguration: {
      inputs: ({ inputs }: RouteConfiguration) => inputs.map(describeInput),
      outputs: ({ outputs }: RouteConfiguration) => outputs.map(describeOutput),
    },
    Mutation: ruleMutations(services),
  }
}
