import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
  isNonNullType,
  Kind,
  locatedError,
  type OperationDefinitionNode,
  type ResponsePath,
  responsePathAsArray,
  valueFromAST,
} from 'graphql'
import type { CollectedField } from '../../federation/operations/collectFields'
import { PresageError } from '../../lib/errors'
import { lightError } from '../graphql/lightError'
import { holdsVariable } from '../operations/documentShape'
import type { Variables } from '../run/planRun'
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
export interface Complete {
  (value: unknown, parent: ResponsePath | undefined, key: string | number, run: LocalRun): unknown
  /** The same for values that are at hand; undefined for one that needs a closer look, such as a promise. */
  quick?: Complete | undefined
}

export function withQuick(quick: Complete | undefined, complete: Complete): Complete {
  complete.quick = quick
  return complete
}

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

/** A field's arguments for one run; undefined if graphql-js has to make them or report an error. */
type QuickArguments = (variables: Variables) => Record<string, unknown> | undefined

/**
 * Compiles arguments that are literals or variables, as nearly all are. Undefined if an argument is an object or list
 * that contains variables, or does not fit its type.
 */
function compileArguments(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): QuickArguments | undefined {
  const fixed: Record<string, unknown> = {}
  const all: GivenArgument[] = []
  let isFixed = true
  for (const { name, type, defaultValue } of field.args) {
    const given = node.arguments?.find((argument) => argument.name.value === name)?.value
    if (given?.kind === Kind.VARIABLE) {
      isFixed = false
      all.push({ name, variable: given.name.value, isNullable: !isNonNullType(type), value: defaultValue })
      continue
    }
    let value = defaultValue
    if (given !== undefined) {
      value = holdsVariable(given) ? undefined : valueFromAST(given, type)
      if (value === undefined) return undefined
    } else if (value === undefined) {
      if (isNonNullType(type)) return undefined
      continue
    }
    fixed[name] = value
    all.push({ name, variable: undefined, isNullable: true, value })
  }
  if (isFixed) return () => fixed
  return (variables) => {
    const args: Record<string, unknown> = {}
    for (const { name, variable, isNullable, value: fixedOrDefault } of all) {
      const isGiven = variable !== undefined && Object.hasOwn(variables, variable)
      const value = isGiven ? variables[variable] : fixedOrDefault
      if (value === undefined && isNullable) continue
      if (value === undefined || (value === null && !isNullable)) return undefined
      args[name] = value
    }
    return args
  }
}

/** In the order of the field's definition, in which resolvers get them. */
interface GivenArgument {
  readonly name: string
  /** Undefined if the value is fixed. */
  readonly variable: string | undefined
  readonly isNullable: boolean
  /** The fixed value, or the default for a variable that is left out. */
  readonly value: unknown
}

/**
 * A field's arguments as graphql-js makes them. Rethrows its error with BAD_USER_INPUT: a variable with a default can
 * give null to a non-null argument of a valid document, and then the client sent the wrong value.
 */
function argumentValues(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Variables,
): Record<string, unknown> {
  try {
    return getArgumentValues(field, node, variables)
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const { message, nodes } = error
    throw new GraphQLError(message, { nodes, extensions: { code: 'BAD_USER_INPUT' } })
  }
}
