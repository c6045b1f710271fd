import { parse } from 'graphql'
import { textArgument } from './definitions'
import { graphValues } from './joinDirectives'

/** The address of each subgraph by name, from the supergraph's `@join__graph`; empty if it has none. */
export function readSubgraphUrls(supergraphSdl: string): ReadonlyMap<string, string> {
  return new Map(
    graphValues(parse(supergraphSdl, { noLocation: true })).map(({ name, graph }) => [
      name,
      (graph && textArgument(graph, 'url')) ?? '',
    ]),
  )
}
