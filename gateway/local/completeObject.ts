import {
  defaultTypeResolver,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLObjectType,
  isObjectType,
  type ResponsePath,
} from 'graphql'
import { inspect } from 'graphql/jsutils/inspect'
import { isPromise } from '../../lib/isPromise'
import type { FieldUse } from './fieldUse'
import type { Column, LocalRun } from './localRun'
import type { CopyPlainFields } from './plainFields'
import { addPath } from './responsePath'

type CompleteOne = (
  value: unknown,
  parent: ResponsePath | undefined,
  key: string | number,
  run: LocalRun,
) => unknown

/**
 * Completes a value that is neither null nor an error into an object of the answer, or a promise of one. It stands at
 * `key` below `parent`; a path of its own is made only where somebody asks for it.
 */
export type CompleteObject = CompleteOne & {
  /** A shorter way for many values, which is compiled when it is first asked for; undefined where there is none. */
  readonly quick?: () => QuickObject | undefined
}

/** Objects whose fields are their own values, but for those that are answered by columns. */
export interface QuickObject {
  /** The object of the answer, without its columns' values. Undefined for a value that needs a closer look, such as a promise. */
  readonly copy: CopyPlainFields
  /** Each has to be told of the object. */
  readonly columns: readonly Column[]
  /** How many fields it has. */
  readonly size: number
}

export function withQuick(complete: CompleteOne, quick: CompleteObject['quick']): CompleteObject {
  return Object.assign(complete, { quick })
}

/**
 * Compiles what an operation selects below a field, for values of one type. `typename` is that of the path's entry: the
 * parent type where the value is the field's, none where it is an item of a list.
 */
export type CompileObject = (
  type: GraphQLObjectType,
  use: FieldUse,
  typename: string | undefined,
) => CompleteObject

/** For values whose type is told by the value: each type is compiled when it first occurs. */
export function compileAbstract(
  type: GraphQLAbstractType,
  use: FieldUse,
  typename: string | undefined,
  compileObject: CompileObject,
): CompleteObject {
  const resolveType = type.resolveType ?? defaultTypeResolver
  const byName = new Map<unknown, CompleteObject>()
  const typed = (name: unknown, value: unknown): CompleteObject => {
    let complete = byName.get(name)
    if (complete === undefined) {
      const runtimeType = validRuntimeType(name, type, use, value)
      complete = compileObject(runtimeType, use, typename)
      byName.set(runtimeType.name, complete)
    }
    return complete
  }
  return (value, parent, key, run) => {
    const info = use.info(run, fieldPath(addPath(parent, key, typename)))
    const name = resolveType(value, run.contextValue, info, type)
    return isPromise(name)
      ? name.then((settled) => typed(settled, value)(value, parent, key, run))
      : typed(name, value)(value, parent, key, run)
  }
}

/** Has the type's own `isTypeOf` look at each value first. */
export function checkingType(
  type: GraphQLObjectType,
  use: FieldUse,
  typename: string | undefined,
  complete: CompleteObject,
): CompleteObject {
  const { isTypeOf } = type
  if (!isTypeOf) return complete
  const require = (isOfType: boolean, value: unknown): void => {
    if (isOfType) return
    throw new GraphQLError(`Expected value of type "${type.name}" but got: ${inspect(value)}.`, {
      nodes: use.nodes,
    })
  }
  return (value, parent, key, run) => {
    const info = use.info(run, fieldPath(addPath(parent, key, typename)))
    const isOfType = isTypeOf(value, run.contextValue, info)
    if (isPromise(isOfType)) {
      return isOfType.then((settled) => {
        require(settled, value)
        return complete(value, parent, key, run)
      })
    }
    require(isOfType, value)
    return complete(value, parent, key, run)
  }
}

/** What resolvers are told of an item of a list is where the list stands. */
function fieldPath(path: ResponsePath): ResponsePath {
  let at = path
  while (typeof at.key === 'number' && at.prev !== undefined) at = at.prev
  return at
}

/** In the words of graphql-js. */
function validRuntimeType(
  name: unknown,
  type: GraphQLAbstractType,
  use: FieldUse,
  value: unknown,
): GraphQLObjectType {
  const { coordinate, nodes } = use
  if (name === null || name === undefined) {
    throw new GraphQLError(
      `Abstract type "${type.name}" must resolve to an Object type at runtime for field "${coordinate}". Either the "${type.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
      { nodes },
    )
  }
  if (isObjectType(name)) {
    throw new GraphQLError(
      'Support for returning GraphQLObjectType from resolveType was removed in graphql-js@16.0.0 please return type name instead.',
    )
  }
  if (typeof name !== 'string') {
    throw new GraphQLError(
      `Abstract type "${type.name}" must resolve to an Object type at runtime for field "${coordinate}" with value ${inspect(value)}, received "${inspect(name)}".`,
    )
  }
  const { schema } = use
  const runtimeType = schema.getType(name)
  if (runtimeType === undefined) {
    throw new GraphQLError(
      `Abstract type "${type.name}" was resolved to a type "${name}" that does not exist inside the schema.`,
      { nodes },
    )
  }
  if (!isObjectType(runtimeType)) {
    throw new GraphQLError(`Abstract type "${type.name}" was resolved to a non-object type "${name}".`, {
      nodes,
    })
  }
  if (!schema.isSubType(type, runtimeType)) {
    throw new GraphQLError(`Runtime Object type "${name}" is not a possible type for "${type.name}".`, {
      nodes,
    })
  }
  return runtimeType
}
