import { buildSubgraphSchema } from '@apollo/subgraph'
import { type DocumentNode, type GraphQLSchema, isObjectType } from 'graphql'
import type { PredictionField } from '../schema/plan'
import { predictionResolver } from './predictionResolver'
import type { Serving } from './serving'
import type { SubgraphContext } from './subgraphContext'

/** Resolvers as teams write them, by type and field; `__resolveReference` finds an entity by its key. */
export type SubgraphResolvers = Readonly<
  Record<
    string,
    | Readonly<Record<string, (parent: never, args: never, context: SubgraphContext, info: never) => unknown>>
    | object
  >
>

/** Builds a subgraph that runs: the team's SDL and resolvers, and a resolver for each of its prediction fields. */
export function buildPredictionSubgraph(
  document: DocumentNode,
  resolvers: SubgraphResolvers,
  fields: readonly PredictionField[],
  serving: Serving,
): GraphQLSchema {
  const schema = buildSubgraphSchema([{ typeDefs: document, resolvers: resolvers as never }])
  for (const field of fields) {
    const type = schema.getType(field.type)
    if (!isObjectType(type)) throw new Error(`Bug: ${field.type} is not an object type`)
    type.getFields()[field.field].resolve = predictionResolver(field, type, serving) as never
    keepExternalFields(type as never, field)
  }
  return schema
}

interface WithReferenceResolver {
  resolveReference?: (reference: object, context: unknown, info: unknown) => unknown
}

/**
 * A team's `__resolveReference` answers its own object, which lacks what the gateway brought from other subgraphs.
 * Prediction fields read that too, so it is laid over the object, unless the object has it already.
 */
function keepExternalFields(
  type: { extensions: { apollo?: { subgraph?: WithReferenceResolver } } },
  field: PredictionField,
): void {
  const subgraph = type.extensions.apollo?.subgraph
  const resolveReference = subgraph?.resolveReference
  const names = field.inputs.flatMap(({ binding }) =>
    binding.from === 'parent' && binding.external ? [binding.path[0]] : [],
  )
  if (subgraph === undefined || resolveReference === undefined || names.length === 0) return
  subgraph.resolveReference = async (reference, context, info) => {
    const entity = await resolveReference(reference, context, info)
    if (typeof entity !== 'object' || entity === null) return entity
    const missing = names.filter((name) => !(name in entity) && name in reference)
    if (missing.length === 0) return entity
    const brought = Object.fromEntries(
      missing.map((name) => [
        name,
        { value: (reference as Record<string, unknown>)[name], enumerable: true },
      ]),
    )
    return Object.create(entity, brought)
  }
}
