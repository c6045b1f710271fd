import { type GraphQLUnionType, isObjectType, Kind } from 'graphql'
import { federationOf, type ResolveReference } from '../../lib/execution/entityField'
import { isPromise } from '../../lib/isPromise'
import { compileField, compileResolve, type ExecuteField } from './compileField'
import { completeItems } from './completeItems'
import type { CompileObject, Complete } from './completeObject'
import { compileComplete } from './completeValue'
import type { FieldUse } from './fieldUse'
import { addPath } from './responsePath'

/** What the entities of one type come by. */
interface EntityType {
  readonly typename: string
  /** Absent: the reference is the entity. */
  readonly resolveReference: ResolveReference | undefined
  readonly complete: Complete
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
    const made = { typename, resolveReference, complete: compileObject(type, use, undefined) }
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

  const completeFound =
    (types: readonly EntityType[]): Complete =>
    (entity, path, key, run) => {
      if (typeof entity !== 'object' || entity === null || entity instanceof Error)
        return completeItem(entity, path, key, run)
      const { typename, complete } = types[key as number]
      return complete(named(entity, typename), path, key, run)
    }

  return compileField(
    use,
    (value, parent, key, run) => {
      if (!(value instanceof Found)) return completeList(value, parent, key, run)
      const path = addPath(parent, key, use.parentType.name)
      return completeItems(value.entities, path, use, completeFound(value.types), true, run)
    },
    resolve,
  )
}

/** As the subgraph library has it: an object that is called otherwise is refined, which is another object. */
function named(entity: object, typename: string): object {
  if ('__typename' in entity)
    return entity.__typename === typename ? entity : { ...entity, __typename: typename }
  return Object.defineProperty(entity, '__typename', { value: typename })
}
