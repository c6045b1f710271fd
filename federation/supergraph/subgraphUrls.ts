import { Kind, parse } from 'graphql'

/** The address of each subgraph by name, from the supergraph's `@join__graph`; empty if it has none. */
export function readSubgraphUrls(supergraphSdl: string): ReadonlyMap<string, string> {
  const urls = new Map<string, string>()
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue
    for (const value of definition.values ?? []) {
      const graph = value.directives?.find((directive) => directive.name.value === 'join__graph')
      const argument = (name: string) => {
        const found = graph?.arguments?.find((candidate) => candidate.name.value === name)?.value
        return found?.kind === Kind.STRING ? found.value : undefined
      }
      urls.set(argument('name') ?? value.name.value, argument('url') ?? '')
    }
  }
  return urls
}
