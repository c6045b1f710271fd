import { isObjectType, Kind } from 'graphql'
import { federationOf, type ResolveReference } from '../../lib/execution/entityField'
import { isPromise } from '../../lib/isPromise'
import { compileField, compileResolve, type ExecuteField } from './compileField'
import type { Complete } from './completeObject'
import type { FieldUse } from './fieldUse'

/** How entities of one type are found. */
interface EntityType {
  readonly typename: string
  /** Absent: the reference is the entity. */
  readonly resolveReference: ResolveReference | undefined
}

/**
 * Compiles the field `_entities` of a subgraph library's schema. The library's resolver makes three promises for each
 * entity; here entities that are at hand cost none. That resolver has the last word on representations of interfaces
 * and of unknown types.
 */
export function compileEntities(use: FieldUse, completeList: Complete): ExecuteField {
  const byName = new Map<string, EntityType>()
  const typeOf = (reference: unknown): EntityType | undefined => {
    const typename = (reference as { readonly __typename?: unknown } | null)?.__typename
    if (typeof typename !== 'string') return undefined
    const known = byName.get(typename)
    if (known !== undefined) return known
    const type = use.schema.getType(typename)
    if (!isObjectType(type)) return undefined
    const resolveReference = federationOf(type)?.resolveReference
    const made = { typename, resolveReference }
    byName.set(typename, made)
    return made
  }

  const resolveOrdinarily = compileResolve(use)
  const areInVariable = use.collected.nodes[0].arguments?.[0]?.value.kind === Kind.VARIABLE
  const resolve: ExecuteField = (source, parent, run) => {
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
      // All are lost with this one; others that are on their way may fail as well, and would be nobody's failure.
      for (const entity of entities) if (isPromise(entity)) entity.then(undefined, () => {})
      throw error
    }
    return entities
  }
  return compileField(use, completeList, resolve)
}

/** An entity that cannot be given its name is an error by itself: the others are not lost with it. */
function namedOrError(entity: unknown, typename: string): unknown {
  try {
    return named(entity, typename)
  } catch (error) {
    return error
  }
}

/** The entity with its type's name, as the subgraph library gives it: one with another name is copied. */
function named(entity: unknown, typename: string): unknown {
  if (typeof entity !== 'object' || entity === null || entity instanceof Error) return entity
  if ('__typename' in entity)
    return entity.__typename === typename ? entity : { ...entity, __typename: typename }
  return Object.defineProperty(entity, '__typename', { value: typename })
}
