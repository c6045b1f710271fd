import { type GraphQLField, isInterfaceType, isObjectType } from 'graphql'
import { isExternal, type Subgraph } from '../sdl/subgraph'
import type { Site } from './site'

/** The other subgraph that answers `type.name`, if there is one. */
export function fieldOwner(
  site: Site,
  type: string,
  name: string,
): { subgraph: Subgraph; field: GraphQLField<unknown, unknown> } | undefined {
  for (const subgraph of site.subgraphs) {
    const other = subgraph.schema.getType(type)
    if (subgraph === site.subgraph || !(isObjectType(other) || isInterfaceType(other))) continue
    const field = other.getFields()[name]
    if (field !== undefined && !isExternal(subgraph, other, field)) return { subgraph, field }
  }
  return undefined
}

/**
 * The line to write in a subgraph to read a field of another one, such as `"genres: [String!]! @external" on Title`.
 */
export function externalLine(site: Site, type: string, field: GraphQLField<unknown, unknown>): string {
  return `"${field.name}: ${field.type} @${site.subgraph.federation.directive('external')}" on ${type}`
}
