import type { GraphQLObjectType } from 'graphql'
import { isPromise } from 'graphql/jsutils/isPromise'
import { federationOf } from '../../lib/execution/entityField'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { type FieldCall, requestOf } from './subgraphContext'

/** The fields of an entity that the gateway fetched from other subgraphs. */
type Brought = Readonly<Record<string, unknown>>

const scopeKey = Symbol('fields of other subgraphs')

/**
 * Wraps a team's `__resolveReference`. It returns the team's own object, which lacks the fields that the gateway
 * fetched from other subgraphs. That object may be shared between requests and of any class, so nothing is written to
 * it: the fields are stored beside it for the duration of the request.
 */
export function keepBrought(type: GraphQLObjectType): void {
  const subgraph = federationOf(type)
  const resolveReference = subgraph?.resolveReference
  if (subgraph === undefined || resolveReference === undefined) return
  subgraph.resolveReference = (reference, context, info) => {
    const brought = reference as Brought
    const keep = (entity: unknown) => {
      if (typeof entity !== 'object' || entity === null) return entity
      const kept = broughtOf(requestOf(context))
      const earlier = kept.get(entity) // another fetch of the same request may have sent other fields
      kept.set(entity, earlier === undefined ? brought : { ...earlier, ...brought })
      return entity
    }
    const entity = resolveReference(reference, context, info)
    return isPromise(entity) ? entity.then(keep) : keep(entity)
  }
}

/** Reads a field that the gateway sent; undefined if it did not. */
export function readBrought(type: GraphQLObjectType, field: string): (call: FieldCall) => unknown {
  // Without a `__resolveReference`, the parent is the representation that the gateway sent.
  if (!hasReferenceResolver(type)) return ({ parent }) => (parent as Brought)[field]
  return ({ parent, contextValue }) => broughtOf(contextValue.request).get(parent as object)?.[field]
}

/** Whether the team resolves entities of this type itself. */
export function hasReferenceResolver(type: GraphQLObjectType): boolean {
  return federationOf(type)?.resolveReference !== undefined
}

function broughtOf(request: ClientRequest): WeakMap<object, Brought> {
  return request.scope(scopeKey, () => new WeakMap())
}
