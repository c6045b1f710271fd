import { type GraphQLUnionType, isObjectType, Kind } from 'graphql'
import { federationOf, type ResolveReference } from '../../lib/execution/entityField'
import { isPromise } from '../../lib/isPromise'
import { compileField, compileResolve, type ExecuteField } from './compileField'
import { completeItems, copyItem, type ItemWays } from './completeItems'
import type { CompileObject, QuickObject } from './completeObject'
import { type Complete, compileComplete } from './completeValue'
import type { FieldUse } from './fieldUse'
import { addPath } from './responsePath'

/** What the entities of one type come by. */
interface EntityType {
  readonly typename: string
  /** Absent: the reference is the entity. */
  readonly resolveReference: ResolveReference | undefined
  /** Undefined where an entity needs more than to be copied. */
  readonly quick: QuickObject | undefined
}

/** What the reference resolvers gave, place by place. */
class Found {
  constructor(
    readonly types: readonly EntityType[],
    readonly entities: readonly unknown[],
  ) {}
}

/**
 * Compiles the field `_entities` of a subgraph library's schema. Its resolver makes three promises for each entity, marks the object with its type's name
 * and has that read again; here the type is known from the representation. `completeList` completes what the field's own
 * resolver gives, which has the last word on representations of interfaces and of unknown types.
 */
export function compileEntities(
  use: FieldUse,
  completeList: Complete,
  compileObject: CompileObject,
): ExecuteField {
  const byName = new Map<string, EntityType>()
  const typeOf = (reference: unknown): EntityType | undefined => {
    const typename = (reference as { readonly __typename?: unknown } | null)?.__typename
    if (typeof typename !== 'string') return undefined
    const known = byName.get(typename)
    if (known !== undefined) return known
    const type = use.schema.getType(typename)
    if (!isObjectType(type)) return undefined
    const resolveReference = federationOf(type)?.resolveReference
    const made = { typename, resolveReference, quick: compileObject(type, use, undefined).quick?.() }
    byName.set(typename, made)
    return made
  }

  const completeItem = compileComplete(
    use.schema.getType('_Entity') as GraphQLUnionType,
    use,
    undefined,
    compileObject,
  )
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
        const { resolveReference } = types[at]
        const reference = references[at]
        entities[at] = resolveReference ? resolveReference(reference, run.contextValue, info) : reference
      }
    } catch (error) {
      // All are lost with this one; others that are on their way may fail as well, and would be nobody's failure.
      for (const entity of entities) if (isPromise(entity)) entity.then(undefined, () => {})
      throw error
    }
    return new Found(types, entities)
  }

  const fail: ItemWays['fail'] = (thrown, path, index, run) => {
    const itemPath = addPath(path, index, undefined)
    run.addError(use.errorAt(itemPath, thrown), itemPath)
    return null
  }
  const waysOf = (types: readonly EntityType[]): ItemWays => ({
    quick(entity, path, index, run) {
      if (typeof entity !== 'object' || entity === null) return undefined
      const { quick, typename } = types[index]
      // One of another name, or that cannot be given one, is left to who knows what becomes of it.
      if (quick === undefined || !isNameable(entity, typename)) return undefined
      return copyItem(quick, entity, path, index, run)
    },
    complete(entity, path, index, run) {
      const isObject = typeof entity === 'object' && entity !== null
      return completeItem(isObject ? named(entity, types[index].typename) : entity, path, index, run)
    },
    fail,
  })

  return compileField(
    use,
    (value, parent, key, run) => {
      if (!(value instanceof Found)) return completeList(value, parent, key, run)
      const path = addPath(parent, key, use.parentType.name)
      return completeItems(value.entities, path, use.coordinate, run, waysOf(value.types))
    },
    resolve,
  )
}

function isNameable(entity: object, typename: string): boolean {
  return Object.isExtensible(entity) && (!('__typename' in entity) || entity.__typename === typename)
}

/** As the subgraph library has it: an object that is called otherwise is refined, which is another object. */
function named(entity: object, typename: string): object {
  if ('__typename' in entity && entity.__typename !== typename) return { ...entity, __typename: typename }
  return Object.defineProperty(entity, '__typename', { value: typename })
}
