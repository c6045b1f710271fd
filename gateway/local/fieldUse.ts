import {
  defaultFieldResolver,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isNonNullType,
  locatedError,
  type OperationDefinitionNode,
  type ResponsePath,
  responsePathAsArray,
} from 'graphql'
import type { CollectedField } from '../../federation/operations/collectFields'
import { PresageError } from '../../lib/errors'
import { isPromise } from '../../lib/isPromise'
import { lightError } from '../graphql/lightError'
import { argumentValues, compileArguments, type QuickArguments } from './compileArguments'
import type { LocalRun } from './localRun'

/** What all fields of one operation share. */
export interface OperationContext {
  readonly schema: GraphQLSchema
  readonly operation: OperationDefinitionNode
  /** In the form of `info.fragments`. */
  readonly infoFragments: GraphQLResolveInfo['fragments']
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** The next field's number. */
  nextNumber(): number
}

type Arguments = Record<string, unknown>

/**
 * Completes a resolver's value for the key `key` of `parent`: returns the value of the answer, null, or a promise of
 * it. Throws or rejects if the field or list item is an error. It behaves like graphql-js, but everything that depends
 * on types is decided at compile time, and paths are made only when needed.
 */
export type Complete = (
  value: unknown,
  parent: ResponsePath | undefined,
  key: string | number,
  run: LocalRun,
) => unknown

/** One use of a field in an operation: its arguments, path, errors, and the `info` for its resolver. */
export class FieldUse {
  readonly key: string
  /** As `Type.field`. */
  readonly coordinate: string
  /** Unique among the fields of the operation. */
  readonly number: number
  private readonly quickArgs: QuickArguments | undefined

  constructor(
    readonly parentType: GraphQLObjectType,
    readonly field: GraphQLField<unknown, unknown>,
    readonly collected: CollectedField,
    private readonly context: OperationContext,
  ) {
    this.key = collected.responseKey
    this.coordinate = `${parentType.name}.${field.name}`
    this.number = context.nextNumber()
    this.quickArgs = compileArguments(field, collected.nodes[0])
  }

  get schema(): GraphQLSchema {
    return this.context.schema
  }

  get nodes(): readonly FieldNode[] {
    return this.collected.nodes
  }

  /** The coerced arguments, shared during a run: do not modify them. Throws as graphql-js does, with a code. */
  argsOf(run: LocalRun): Arguments {
    let args = run.kept[this.number] as Arguments | undefined
    if (args === undefined) {
      args = this.quickArgs?.(run.variables) ?? argumentValues(this.field, this.nodes[0], run.variables)
      run.kept[this.number] = args
    }
    return args
  }

  /** A copy of the arguments for a resolver, which may modify it. */
  ownArgs(run: LocalRun): Arguments {
    const args = this.argsOf(run)
    for (const name in args) {
      // Objects and lists from the document are created again. Those from variables are shared by all fields anyway.
      if (typeof args[name] === 'object') {
        return argumentValues(this.field, this.nodes[0], run.variables)
      }
    }
    return { ...args }
  }

  path(parent: ResponsePath | undefined): ResponsePath {
    return { prev: parent, key: this.key, typename: this.parentType.name }
  }

  /** Records an error at a path and returns null. Throws the located error if null is not allowed. */
  fail(thrown: unknown, path: ResponsePath | undefined, isNullable: boolean, run: LocalRun): null {
    const error = this.errorAt(path, thrown)
    if (!isNullable) throw error
    run.addError(error, path)
    return null
  }

  /** The last argument of the field's resolver. */
  info(run: LocalRun, path: ResponsePath): GraphQLResolveInfo {
    const { schema, operation, infoFragments } = this.context
    return {
      fieldName: this.field.name,
      fieldNodes: this.nodes,
      returnType: this.field.type,
      parentType: this.parentType,
      path,
      schema,
      fragments: infoFragments,
      rootValue: undefined,
      operation,
      variableValues: run.variables as GraphQLResolveInfo['variableValues'],
    }
  }

  /** An error that is located already keeps its path. */
  private errorAt(path: ResponsePath | undefined, thrown: unknown): GraphQLError {
    const { nodes } = this
    if (!(thrown instanceof PresageError)) return locatedError(thrown, nodes, responsePathAsArray(path))
    return lightError(thrown.message, { nodes, path: responsePathAsArray(path), originalError: thrown })
  }
}

/**
 * Resolves and completes a field of one object; `parent` is the object's path. Returns the value, null after a recorded
 * error, or a promise of it. Throws or rejects if a non-null field fails.
 */
export type ExecuteField = (source: unknown, parent: ResponsePath | undefined, run: LocalRun) => unknown

export function compileField(
  use: FieldUse,
  complete: Complete,
  resolve: ExecuteField = compileResolve(use),
): ExecuteField {
  const isNullable = !isNonNullType(use.field.type)
  const { key } = use
  const fail = (thrown: unknown, parent: ResponsePath | undefined, run: LocalRun): null =>
    use.fail(thrown, use.path(parent), isNullable, run)
  const later = (value: PromiseLike<unknown>, parent: ResponsePath | undefined, run: LocalRun) =>
    value.then(undefined, (thrown) => fail(thrown, parent, run))
  return (source, parent, run) => {
    try {
      const value = resolve(source, parent, run)
      if (typeof value === 'object' && isPromise(value)) {
        return later(
          value.then((settled) => complete(settled, parent, key, run)),
          parent,
          run,
        )
      }
      const completed = complete(value, parent, key, run)
      return typeof completed === 'object' && isPromise(completed) ? later(completed, parent, run) : completed
    } catch (thrown) {
      return fail(thrown, parent, run)
    }
  }
}

/** Compiles the call of the field's resolver. */
export function compileResolve(use: FieldUse): ExecuteField {
  const { name, resolve } = use.field
  if (resolve !== undefined && resolve !== defaultFieldResolver) {
    return (source, parent, run) =>
      resolve(source, use.ownArgs(run), run.contextValue, use.info(run, use.path(parent)))
  }
  return (source, parent, run) => {
    // An invalid argument fails the field even if nobody reads it.
    if (use.field.args.length > 0) use.argsOf(run)
    if ((typeof source !== 'object' && typeof source !== 'function') || source === null) return undefined
    const value = (source as Record<string, unknown>)[name]
    if (typeof value !== 'function') return value
    return value.call(source, use.ownArgs(run), run.contextValue, use.info(run, use.path(parent)))
  }
}
