import { getNamedType, isAbstractType, isObjectType, Kind } from 'graphql'
import { isPromise } from 'graphql/jsutils/isPromise'
import { federationOf, type ResolveReference } from '../../lib/execution/entityField'
import { memoized } from '../../lib/memoized'
import type { ExecuteField, FieldUse } from './fieldUse'

/** How entities of one type are resolved. */
interface EntityType {
  readonly typename: string
  /** If absent, the representation is the entity. */
  readonly resolveReference: ResolveReference | undefined
}

/**
 * Resolves the field `_entities` of a schema made with the subgraph library. The library's resolver makes three promises
 * per entity; this one makes none for entities that are resolved synchronously. Representations of interfaces and of
 * types that are no entities are left to the library's `resolveOrdinarily`.
 */
export function compileEntities(use: FieldUse, resolveOrdinarily: ExecuteField): ExecuteField {
  const union = getNamedType(use.field.type)
  const typeNamed = memoized((typename: string): EntityType | undefined => {
    const type = use.schema.getType(typename)
    return isObjectType(type) && isAbstractType(union) && use.schema.isSubType(union, type)
      ? { typename, resolveReference: federationOf(type)?.resolveReference }
      : undefined
  })
  const typeOf = (reference: unknown): EntityType | undefined => {
    const typename = (reference as { readonly __typename?: unknown } | null)?.__typename
    return typeof typename === 'string' ? typeNamed(typename) : undefined
  }

  const areInVariable = use.collected.nodes[0].arguments?.[0]?.value.kind === Kind.VARIABLE
  return (source, parent, run) => {
    const { representations } = areInVariable ? use.argsOf(run) : use.ownArgs(run)
    const references = representations as readonly unknown[]
    const types: EntityType[] = new Array(references.length)
    for (let at = 0; at < references.length; at++) {
      const type = typeOf(references[at])
      if (type === undefined) return resolveOrdinarily(source, parent, run)
      types[at] = type
    }
    const info = use.info(run, use.path(parent))
    const entities: unknown[] = new Array(references.length)
    try {
      for (let at = 0; at < references.length; at++) {
        const { resolveReference, typename } = types[at]
        const reference = references[at]
        const entity = resolveReference ? resolveReference(reference, run.contextValue, info) : reference
        entities[at] = isPromise(entity)
          ? entity.then((settled) => named(settled, typename))
          : namedOrError(entity, typename)
      }
    } catch (error) {
      // The whole list fails. Other entities may still reject, which nobody would handle.
      for (const entity of entities) if (isPromise(entity)) entity.then(undefined, () => {})
      throw error
    }
    return entities
  }
}

/** An entity whose __typename cannot be set is a single error, so that the other entities are kept. */
function namedOrError(entity: unknown, typename: string): unknown {
  try {
    return named(entity, typename)
  } catch (error) {
    return error
  }
}

/** The entity with its __typename, as the subgraph library sets it. An entity with another name is copied. */
function named(entity: unknown, typename: string): unknown {
  if (typeof entity !== 'object' || entity === null || entity instanceof Error) return entity
  if ('__typename' in entity)
    return entity.__typename === typename ? entity : { ...entity, __typename: typename }
  return Object.defineProperty(entity, '__typename', { value: typename })
}
