import { isInterfaceType } from 'graphql'
import type { Site } from '../fields/site'
import { hasDirective, isExternal, typeNodes } from '../sdl/subgraph'

/** Must be a field of an object type, in the subgraph that owns it, and no mutation or subscription. */
export function checkFieldPlace(site: Site): void {
  const { schema, federation } = site.subgraph
  const { name } = site.type
  if (
    isInterfaceType(site.type) ||
    typeNodes(site.type).some((node) => hasDirective(node, federation.directive('interfaceObject')))
  ) {
    site.refuse(
      `must be a field of an object type, got one of the interface ${name}; write @predict on the types that implement it`,
    )
  }
  if (site.type === schema.getMutationType())
    site.refuse('must be a field of a query or an object, got one of the mutations')
  if (site.type === schema.getSubscriptionType()) {
    site.refuse('must be a field of a query or an object, got one of the subscriptions')
  }
  if (isExternal(site.subgraph, site.type, site.field)) {
    site.refuse(
      `must be a field that this subgraph answers, got one that is @${federation.directive('external')}`,
    )
  }
}
