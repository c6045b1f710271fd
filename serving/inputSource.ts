import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  getNullableType,
  isLeafType,
  isListType,
  isObjectType,
} from 'graphql'
import { PresageError } from '../lib/errors'
import { unreachable } from '../lib/invariant'
import type { InputBinding } from '../schema/plan'
import type { SubgraphContext } from './subgraphContext'

/** One call of a prediction field's resolver. */
export interface FieldCall {
  readonly parent: unknown
  readonly args: Readonly<Record<string, unknown>>
  readonly contextValue: SubgraphContext
  readonly info: GraphQLResolveInfo
}

/** Reads one input's raw value for one row, perhaps as a promise; undefined is absent. */
export type InputSource = (call: FieldCall) => unknown

/** The answer of a source whose entity is not known to the owner of a required field: nothing is predicted for it. */
export const UNKNOWN_ENTITY = Symbol('unknown entity')

/** Compiles where an input comes from; `type` is the prediction field's own, as the subgraph serves it. */
export function compileInputSource(binding: InputBinding, type: GraphQLObjectType): InputSource {
  switch (binding.from) {
    case 'args':
      return ({ args }) => walk(args, binding.path, 0)
    case 'parent':
      return binding.external ? externalField(binding.path) : ownField(type, binding.path)
    case 'context':
      return ({ contextValue }) => contextValue.request.context[binding.key]
    case 'default':
    case 'absent':
      return () => undefined
    default:
      return unreachable(binding)
  }
}

/** A field of another subgraph, as the gateway brought it. Missing altogether: its owner does not know the entity. */
function externalField(path: readonly string[]): InputSource {
  return ({ parent }) => {
    const value = (parent as Record<string, unknown>)[path[0]]
    return value === undefined ? UNKNOWN_ENTITY : walk(value, path, 1)
  }
}

/** Follows a path through plain objects and lists; a list on the way makes the answer a list. */
function walk(value: unknown, path: readonly string[], step: number): unknown {
  if (step === path.length || value === null || value === undefined) return value
  if (Array.isArray(value)) return value.flatMap((item) => walk(item, path, step))
  return walk((value as Record<string, unknown>)[path[step]], path, step + 1)
}

/** A field of this subgraph, as a client would get it without arguments: through its resolver and its type's serialisation. */
function ownField(type: GraphQLObjectType, path: readonly string[]): InputSource {
  const read = compileFields(type, path, 0)
  const coordinate = `${type.name}.${path.join('.')}`
  // The resolver's own message stays inside: it may say what clients must not read.
  const failed = (): never => {
    throw new PresageError('UPSTREAM_FAILED', `${coordinate} is needed and failed`, { path: coordinate })
  }
  return (call) => {
    try {
      const value = read(call.parent, call)
      return isPromise(value) ? value.catch(failed) : value
    } catch {
      return failed()
    }
  }
}

type Read = (source: unknown, call: FieldCall) => unknown

function compileFields(type: GraphQLObjectType, path: readonly string[], step: number): Read {
  const field = type.getFields()[path[step]]
  const resolve = compileResolve(type, field)
  const complete = compileComplete(field.type, path, step + 1)
  return (source, call) => {
    const value = resolve(source, call)
    return isPromise(value) ? value.then((settled) => complete(settled, call)) : complete(value, call)
  }
}

function compileResolve(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): Read {
  const args = Object.fromEntries(
    field.args.filter((arg) => arg.defaultValue !== undefined).map((arg) => [arg.name, arg.defaultValue]),
  )
  const { name, resolve } = field
  const infoFor = (call: FieldCall): GraphQLResolveInfo => ({
    ...call.info,
    fieldName: name,
    parentType: type,
    returnType: field.type,
  })
  if (resolve !== undefined) return (source, call) => resolve(source, args, call.contextValue, infoFor(call))
  return (source, call) => {
    const value = (source as Record<string, unknown> | null | undefined)?.[name]
    return typeof value === 'function' ? value.call(source, args, call.contextValue, infoFor(call)) : value
  }
}

/** What stands between a resolver's value and the client: promises, lists, the leaf's serialisation, the rest of the path. */
function compileComplete(declared: GraphQLOutputType, path: readonly string[], step: number): Read {
  const type = getNullableType(declared)
  if (isListType(type)) {
    const completeItem = compileComplete(type.ofType as GraphQLOutputType, path, step)
    return (value, call) => {
      if (value === null || value === undefined) return value
      const items = Array.from(value as Iterable<unknown>, (item) => {
        return isPromise(item)
          ? item.then((settled) => completeItem(settled, call))
          : completeItem(item, call)
      })
      const done = (settled: unknown[]) => (step < path.length ? settled.flat() : settled)
      return items.some(isPromise) ? Promise.all(items).then(done) : done(items)
    }
  }
  if (isLeafType(type)) {
    return (value) => (value === null || value === undefined ? value : type.serialize(value))
  }
  if (isObjectType(type) && step < path.length) {
    const read = compileFields(type, path, step)
    return (value, call) => (value === null || value === undefined ? value : read(value, call))
  }
  throw new Error(`Bug: ${path.join('.')} leads through ${String(declared)}`)
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Promise<unknown> | null | undefined)?.then === 'function'
}
