import type { Site } from '../fields/site'

/** A field is answered either by a model or by a resolver. */
export function checkNoResolver(site: Site): void {
  if (site.catalog.hasResolver?.(site.subgraph.name, site.type.name, site.field.name) !== true) return
  site.refuse(
    'must have no resolver, since a model answers it, got one in the resolvers of the subgraph; remove one of them',
  )
}
