import type { GraphQLFieldResolver, GraphQLObjectType } from 'graphql'

const entityField = Symbol('entities')

type Resolver = GraphQLFieldResolver<never, never, never>

/**
 * Declares that a field's resolver does what Apollo's `_entities` does: it passes each representation to the
 * `__resolveReference` of its type, or uses it as the entity if the type has none.
 */
export function withEntities<R extends Resolver>(resolve: R): R {
  return Object.assign(resolve, { [entityField]: true })
}

export function findsEntities(resolve: Resolver | undefined): boolean {
  return (resolve as { [entityField]?: true } | undefined)?.[entityField] === true
}

/** Resolves an entity from its representation. */
export type ResolveReference = (reference: unknown, contextValue: unknown, info: unknown) => unknown

/** What the subgraph library stores about a type, including its reference resolver. */
export function federationOf(type: GraphQLObjectType): { resolveReference?: ResolveReference } | undefined {
  const { apollo } = type.extensions as { apollo?: { subgraph?: { resolveReference?: ResolveReference } } }
  return apollo?.subgraph
}
