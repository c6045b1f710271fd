import type { GraphQLResolveInfo } from 'graphql'
import type { SubgraphContext } from '../inputs/subgraphContext'
import type { SubgraphResolvers } from './subgraphSchema'

export { LoadError, PresageError } from '../../lib/errors'
export type { ClientRequest } from '../../lib/request/clientRequest'
export type { SubgraphContext, SubgraphResolvers }

/**
 * The `createResolvers` function that a subgraph's `resolvers` module exports, for everything but predictions.
 * `settings` are the subgraph's own entries of the configuration. Resolvers are also created where nothing is served,
 * as by `presage compose`, so create whatever keeps a process alive, such as a connection, in the first call that needs
 * it. Throws a `LoadError` if a setting is wrong.
 */
export type CreateResolvers = (settings: Readonly<Record<string, string>>) => SubgraphResolvers

/**
 * Resolves a field. `parent` is the object as its own resolver returned it. For an entity that another subgraph refers
 * to and whose type has no `__resolveReference`, it is the representation: the fields of its key, and those that the
 * field requires. May throw a `PresageError` with a code of `docs/errors.md`; any other error reaches clients as
 * `Internal error`.
 */
export type Resolver<Parent = unknown, Args = unknown, Result = unknown> = (
  parent: Parent,
  args: Args,
  context: SubgraphContext,
  info: GraphQLResolveInfo,
) => Result | Promise<Result>

/** The type of `__resolveReference`, which finds an entity by the fields of its key. Null if there is none. */
export type ReferenceResolver<Key, Entity = unknown> = (
  reference: Key & { readonly __typename: string },
  context: SubgraphContext,
  info: GraphQLResolveInfo,
) => Entity | null | undefined | Promise<Entity | null | undefined>
