import type { GraphQLFieldResolver, GraphQLObjectType } from 'graphql'

const entityField = Symbol('entities')

type Resolver = GraphQLFieldResolver<never, never, never>

/**
 * Declares that a field's resolver does what Apollo's `_entities` does: each representation goes to the `__resolveReference` of its type, or is
 * itself the entity where its type has none.
 */
export function withEntities<R extends Resolver>(resolve: R): R {
  return Object.assign(resolve, { [entityField]: true })
}

export function findsEntities(resolve: Resolver | undefined): boolean {
  return (resolve as { [entityField]?: true } | undefined)?.[entityField] === true
}

/** Finds an entity by what the gateway sends of it. */
export type ResolveReference = (reference: unknown, contextValue: unknown, info: unknown) => unknown

/** Where the subgraph library keeps what it knows of a type, its reference resolver among it. */
export function federationOf(type: GraphQLObjectType): { resolveReference?: ResolveReference } | undefined {
  const { apollo } = type.extensions as { apollo?: { subgraph?: { resolveReference?: ResolveReference } } }
  return apollo?.subgraph
}
