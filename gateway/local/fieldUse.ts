import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  locatedError,
  type OperationDefinitionNode,
  type ResponsePath,
} from 'graphql'
import type { CollectedField } from '../../federation/operations/collectFields'
import { PresageError } from '../../lib/errors'
import { lightError } from '../graphql/lightError'
import { argumentValues, compileArguments, type QuickArguments } from './compileArguments'
import type { LocalRun } from './localRun'
import { addPath, pathKeys } from './responsePath'

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
    return addPath(parent, this.key, this.parentType.name)
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
    if (!(thrown instanceof PresageError)) return locatedError(thrown, nodes, pathKeys(path))
    return lightError(thrown.message, { nodes, path: pathKeys(path), originalError: thrown })
  }
}
