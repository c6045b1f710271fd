import {
  type FieldNode,
  type GraphQLField,
  GraphQLFloat,
  GraphQLID,
  type GraphQLList,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  GraphQLString,
  getNullableType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
} from 'graphql'
import { isPromise } from 'graphql/jsutils/isPromise'
import { PlainError, PresageError } from '../../lib/errors'
import { areNumbers, areTexts } from '../../lib/execution/itemKinds'
import { invariant } from '../../lib/invariant'
import type { FieldCall } from './subgraphContext'

/**
 * Compiles the reading of a field of this subgraph, on through objects and lists, as a client would see it without
 * arguments: through its resolvers, serialization and non-null checks. If a client would get an error, the value is not
 * just missing: reading throws `UPSTREAM_FAILED`.
 */
export function compileOwnField(
  type: GraphQLObjectType,
  path: readonly string[],
): (call: FieldCall) => unknown {
  const read = compileFields(type, path, 0)
  const coordinate = `${type.name}.${path.join('.')}`
  const fail = (cause: unknown): never => {
    // The resolver's own message is not meant for clients. As the cause it goes to the log.
    const isMisfit = cause instanceof PlainError
    const reason = isMisfit ? `: ${cause.message}` : ''
    const error = new PresageError('UPSTREAM_FAILED', `${coordinate} is needed and failed${reason}`, {
      field: coordinate,
    })
    error.cause = isMisfit ? new PlainError(`${coordinate}: ${cause.message}`) : cause
    throw error
  }
  return (call) => {
    try {
      const value = read(call.parent, call)
      return isPromise(value) ? value.then(undefined, fail) : value
    } catch (error) {
      return fail(error)
    }
  }
}

type Read = (source: unknown, call: FieldCall) => unknown

function compileFields(type: GraphQLObjectType, path: readonly string[], step: number): Read {
  const field = type.getFields()[path[step]]
  const resolve = compileResolve(type, field, path.slice(step))
  const complete = compileComplete(field.type, path, step + 1)
  return (source, call) => {
    const value = resolve(source, call)
    return isPromise(value) ? value.then((settled) => complete(settled, call)) : complete(value, call)
  }
}

function compileResolve(
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  path: readonly string[],
): Read {
  const args = Object.fromEntries(
    field.args.filter((arg) => arg.defaultValue !== undefined).map((arg) => [arg.name, arg.defaultValue]),
  )
  const { name, resolve } = field
  const fieldNodes = [selecting(path)]
  const infoFor = ({ info }: FieldCall): GraphQLResolveInfo => ({
    ...info,
    fieldName: name,
    fieldNodes,
    parentType: type,
    returnType: field.type,
  })
  // Resolvers get arguments of their own, since they may change them.
  if (resolve !== undefined)
    return (source, call) => resolve(source, { ...args }, call.contextValue, infoFor(call))
  return (source, call) => {
    const value = (source as Record<string, unknown> | null | undefined)?.[name]
    return typeof value === 'function'
      ? value.call(source, { ...args }, call.contextValue, infoFor(call))
      : value
  }
}

/** The resolver's value is not of the declared type. It is not shown, since the client did not ask for it. */
function misfit(declared: GraphQLOutputType, kind: string): PlainError {
  return new PlainError(`must be ${String(declared)}, got ${kind}`)
}

/** The field node of a query for the path, because resolvers may inspect the selection below them. */
function selecting([name, ...below]: readonly string[]): FieldNode {
  return {
    kind: Kind.FIELD,
    name: { kind: Kind.NAME, value: name },
    ...(below.length > 0 && { selectionSet: { kind: Kind.SELECTION_SET, selections: [selecting(below)] } }),
  }
}

/** Compiles the steps from a resolver's value to the client's. */
function compileComplete(declared: GraphQLOutputType, path: readonly string[], step: number): Read {
  const complete = compilePresent(getNullableType(declared), path, step)
  const required = isNonNullType(declared)
  return (value, call) => {
    if (value === null || value === undefined) {
      if (required) throw misfit(declared, 'null')
      return null
    }
    if (typeof value === 'object' && value instanceof Error) throw value
    return complete(value, call)
  }
}

function compilePresent(type: GraphQLOutputType, path: readonly string[], step: number): Read {
  if (isListType(type)) return compileList(type, path, step)
  if (isLeafType(type)) return (value) => type.serialize(value)
  invariant(
    isObjectType(type) && step < path.length,
    `${path.join('.')} leads to an object or through an interface`,
  )
  return compileFields(type, path, step)
}

function compileList(type: GraphQLList<GraphQLOutputType>, path: readonly string[], step: number): Read {
  const completeItem = compileComplete(type.ofType, path, step)
  const isComplete = completeItems.get(getNullableType(type.ofType))
  const join = (items: unknown[]) => (step < path.length ? items.flat() : items)
  return (value, call) => {
    if (typeof value !== 'object' || !(Symbol.iterator in (value as object))) {
      throw misfit(type, typeof value)
    }
    if (isComplete !== undefined && Array.isArray(value) && isComplete(value)) return value
    const items: unknown[] = []
    let waiting = false
    for (const item of value as Iterable<unknown>) {
      let completed: unknown
      try {
        completed = isPromise(item)
          ? item.then((settled) => completeItem(settled, call))
          : completeItem(item, call)
      } catch (error) {
        if (!waiting) throw error
        // Earlier items must still be awaited, or nobody would handle their rejections.
        completed = Promise.reject(error)
      }
      if (isPromise(completed)) waiting = true
      items.push(completed)
    }
    return waiting ? Promise.all(items).then(join) : join(items)
  }
}

/** By scalar, whether serialization would leave all items unchanged. Such a list, the usual case, needs no copy. */
const completeItems: ReadonlyMap<unknown, (items: readonly unknown[]) => boolean> = new Map<
  unknown,
  (items: readonly unknown[]) => boolean
>([
  [GraphQLFloat, areNumbers],
  [GraphQLString, areTexts],
  [GraphQLID, areTexts],
])
