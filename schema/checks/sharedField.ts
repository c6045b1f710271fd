import { type GraphQLField, isObjectType } from 'graphql'
import { shortPath } from '../../lib/packagePaths'
import { readArguments } from '../fields/predictArguments'
import type { Site } from '../fields/site'
import { hasDirective, isExternal, isPrediction, type Subgraph } from '../sdl/subgraph'
import { type IsTakenOver, vainOverrides } from '../sdl/takenOver'

/**
 * Subgraphs that share a field must all predict it alike, since the gateway may ask any of them. One from which the
 * field was taken over shares it no more. If that is only begun (`@override` with a label), it may still have a resolver.
 */
export function checkSharedField(site: Site, isTakenOver: IsTakenOver): void {
  const place = `${site.type.name}.${site.field.name}`
  if (isTakenOver(site.subgraph.name, place)) return
  const own = describe(site.subgraph, site.field)
  for (const subgraph of site.subgraphs) {
    const type = subgraph.schema.getType(site.type.name)
    const field = isObjectType(type) ? type.getFields()[site.field.name] : undefined
    if (subgraph === site.subgraph || field === undefined || isExternal(subgraph, type!, field)) continue
    if (isTakenOver(subgraph.name, place)) continue
    const taken = isOverridden(subgraph, field) || isOverridden(site.subgraph, site.field)
    if (!isPrediction(field) && taken) continue
    // If two differ, the later one is reported.
    const later = site.subgraphs.indexOf(subgraph) > site.subgraphs.indexOf(site.subgraph)
    if (isPrediction(field) && later) continue
    const other = describe(subgraph, field)
    if (other === own) continue
    const line = field.astNode?.name.loc?.startToken.line
    site.refuse(
      `must be predicted as in ${shortPath(subgraph.file)}:${line}, which shares the field (${other}), got ${own}${vainOverrides(site.subgraphs, place)}`,
    )
  }
}

function isOverridden(subgraph: Subgraph, field: GraphQLField<unknown, unknown>): boolean {
  return hasDirective(field.astNode, subgraph.federation.directive('override'))
}

function describe(subgraph: Subgraph, field: GraphQLField<unknown, unknown>): string {
  if (!isPrediction(field)) return 'without @predict'
  const args = Object.entries(readArguments(subgraph, field)).map(
    ([name, value]) => `${name}: ${JSON.stringify(value)}`,
  )
  return `@predict(${args.join(', ')})`
}
