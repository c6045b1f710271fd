import { buildSubgraphSchema } from '@apollo/subgraph'
import { type DocumentNode, type GraphQLObjectType, type GraphQLSchema, isObjectType } from 'graphql'
import { withColumns } from '../../lib/execution/columnField'
import { withEntities } from '../../lib/execution/entityField'
import { invariant } from '../../lib/invariant'
import { describePredictions } from '../../schema/composition/describePredictions'
import type { PredictionField } from '../../schema/fields/plan'
import { withoutServiceFields } from '../../schema/sdl/serviceFields'
import { hasReferenceResolver, keepBrought } from '../inputs/externalFields'
import type { SubgraphContext } from '../inputs/subgraphContext'
import type { PredictionRuntime } from '../requests/predictionRuntime'
import { checkedEntities } from './checkedEntities'
import { compilePrediction, predictionColumns } from './predictionColumns'
import { predictionResolver } from './predictionResolver'

/** Resolvers as teams write them, by type and field. `__resolveReference` finds an entity by its key. */
export type SubgraphResolvers = Readonly<
  Record<
    string,
    | Readonly<Record<string, (parent: never, args: never, context: SubgraphContext, info: never) => unknown>>
    | object
  >
>

/** Builds an executable subgraph: the team's SDL and resolvers, with a resolver for each prediction field. */
export function buildPredictionSubgraph(
  document: DocumentNode,
  resolvers: SubgraphResolvers,
  fields: readonly PredictionField[],
  runtime: PredictionRuntime,
): GraphQLSchema {
  const typeDefs = describePredictions(withoutServiceFields(document), fields)
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }])
  markEntities(schema, resolvers)
  const requiring = new Set<GraphQLObjectType>()
  for (const field of fields) {
    const type = schema.getType(field.type)
    invariant(isObjectType(type), `${field.type} is an object type`)
    const prediction = compilePrediction(field, type)
    const columns = predictionColumns(prediction, runtime, !hasReferenceResolver(type))
    type.getFields()[field.field].resolve = withColumns(
      predictionResolver(prediction, columns) as never,
      columns,
    )
    if (field.inputs.some(isExternal)) requiring.add(type)
  }
  for (const type of requiring) keepBrought(type)
  return schema
}

function isExternal({ binding }: PredictionField['inputs'][number]): boolean {
  return binding.from === 'parent' && binding.external
}

/** Checks what the library's `_entities` resolver is given, and marks it, unless the team's resolvers replace it. */
function markEntities(schema: GraphQLSchema, resolvers: SubgraphResolvers): void {
  const query = schema.getQueryType()
  const entities = query?.getFields()._entities
  if (query == null || entities?.resolve === undefined) return
  if (Object.hasOwn(resolvers[query.name] ?? {}, '_entities') || Object.hasOwn(resolvers, '_Entity')) return
  entities.resolve = withEntities(checkedEntities(schema, entities.resolve))
}
