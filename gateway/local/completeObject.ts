import {
  defaultTypeResolver,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLObjectType,
  isObjectType,
  type ResponsePath,
} from 'graphql'
import { inspect } from 'graphql/jsutils/inspect'
import { isPromise } from 'graphql/jsutils/isPromise'
import type { Complete, FieldUse } from './fieldUse'

/**
 * Compiles an operation's selection below a field, for values of one type that are neither null nor errors. `typename`
 * is that of the path's entry: the parent type for the value of a field, undefined for an item of a list.
 */
export type CompileObject = (type: GraphQLObjectType, use: FieldUse, typename: string | undefined) => Complete

/** For abstract types. Each object type is compiled when it first occurs. */
export function compileAbstract(
  type: GraphQLAbstractType,
  use: FieldUse,
  typename: string | undefined,
  compileObject: CompileObject,
): Complete {
  const resolveType = type.resolveType ?? defaultTypeResolver
  const byName = new Map<unknown, Complete>()
  const typed = (name: unknown, value: unknown): Complete => {
    let complete = byName.get(name)
    if (complete === undefined) {
      const runtimeType = validRuntimeType(name, type, use, value)
      complete = compileObject(runtimeType, use, typename)
      byName.set(runtimeType.name, complete)
    }
    return complete
  }
  return (value, parent, key, run) => {
    const info = use.info(run, fieldPath({ prev: parent, key, typename }))
    const name = resolveType(value, run.contextValue, info, type)
    return isPromise(name)
      ? name.then((settled) => typed(settled, value)(value, parent, key, run))
      : typed(name, value)(value, parent, key, run)
  }
}

/** Adds a call of the type's own `isTypeOf`, if it has one, before each value is completed. */
export function checkingType(
  type: GraphQLObjectType,
  use: FieldUse,
  typename: string | undefined,
  complete: Complete,
): Complete {
  const { isTypeOf } = type
  if (!isTypeOf) return complete
  const require = (isOfType: boolean, value: unknown): void => {
    if (isOfType) return
    throw new GraphQLError(`Expected value of type "${type.name}" but got: ${inspect(value)}.`, {
      nodes: use.nodes,
    })
  }
  return (value, parent, key, run) => {
    const info = use.info(run, fieldPath({ prev: parent, key, typename }))
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

/** For an item of a list, resolvers get the path of the list. */
function fieldPath(path: ResponsePath): ResponsePath {
  let at = path
  while (typeof at.key === 'number' && at.prev !== undefined) at = at.prev
  return at
}

/** Error messages are those of graphql-js. */
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
