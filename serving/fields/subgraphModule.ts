import type { SubgraphResolvers } from './subgraphSchema'

/**
 * What the `resolvers` module beside a subgraph's schema exports as `createResolvers`: only what is not a prediction.
 * `settings` are the subgraph's own entries of the configuration. `services` gives what the process knows of itself; it
 * may be called from resolvers, not while they are being created. Resolvers are also created where nothing is served, as by
 * `presage compose`: what keeps a process alive, such as a connection, belongs to the first call that needs it.
 */
export type CreateResolvers<Services = unknown> = (
  settings: Readonly<Record<string, string>>,
  services: () => Services,
) => SubgraphResolvers
