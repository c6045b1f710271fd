import type { SubgraphResolvers } from './subgraphSchema'

/**
 * The `createResolvers` function that a subgraph's `resolvers` module exports, for everything but predictions.
 * `settings` are the subgraph's own entries of the configuration. `services` returns what the process knows of itself;
 * call it from resolvers, not while creating them. Resolvers are also created where nothing is served, as by `presage
 * compose`, so create whatever keeps a process alive, such as a connection, in the first call that needs it.
 */
export type CreateResolvers<Services = unknown> = (
  settings: Readonly<Record<string, string>>,
  services: () => Services,
) => SubgraphResolvers
