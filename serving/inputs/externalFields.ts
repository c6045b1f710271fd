import type { GraphQLObjectType } from 'graphql'
import { federationOf } from '../../lib/execution/entityField'
import { isPromise } from '../../lib/isPromise'
import type { ClientRequest } from '../../lib/request/clientRequest'
import type { FieldCall } from './fieldCall'
import type { SubgraphContext } from './subgraphContext'

/** What the gateway brought for an entity from other subgraphs, by field. */
type Brought = Readonly<Record<string, unknown>>

const scopeKey = Symbol('fields of other subgraphs')

/**
 * A team's `__resolveReference` answers its own object, which lacks what the gateway brought. The object may be shared by
 * requests, and be of any class, so nothing is written on it: what was brought is kept beside it for as long as the
 * request lasts.
 */
export function keepBrought(type: GraphQLObjectType): void {
  const subgraph = federationOf(type)
  const resolveReference = subgraph?.resolveReference
  if (subgraph === undefined || resolveReference === undefined) return
  subgraph.resolveReference = (reference, context, info) => {
    const brought = reference as Brought
    const keep = (entity: unknown) => {
      if (typeof entity !== 'object' || entity === null) return entity
      const kept = broughtOf((context as SubgraphContext).request)
      const earlier = kept.get(entity) // another fetch of the same request may have brought other fields
      kept.set(entity, earlier === undefined ? brought : { ...earlier, ...brought })
      return entity
    }
    const entity = resolveReference(reference, context, info)
    return isPromise(entity) ? entity.then(keep) : keep(entity)
  }
}

/** Reads a field that the gateway brought; undefined if it did not. */
export function readBrought(type: GraphQLObjectType, field: string): (call: FieldCall) => unknown {
  // Without a `__resolveReference` what the gateway sent is the parent itself.
  if (!hasReferenceResolver(type)) return ({ parent }) => (parent as Brought)[field]
  return ({ parent, contextValue }) => broughtOf(contextValue.request).get(parent as object)?.[field]
}

/** Whether the team finds entities of this type itself. */
export function hasReferenceResolver(type: GraphQLObjectType): boolean {
  return federationOf(type)?.resolveReference !== undefined
}

function broughtOf(request: ClientRequest): WeakMap<object, Brought> {
  return request.scope(scopeKey, () => new WeakMap())
}
