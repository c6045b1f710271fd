import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isLeafType,
  locatedError,
  type OperationDefinitionNode,
  type ResponsePath,
  responsePathAsArray,
} from 'graphql'
import { isPromise } from 'graphql/jsutils/isPromise'
import type { CollectedField } from '../../federation/operations/collectFields'
import { PresageError } from '../../lib/errors'
import type { ColumnAnswer, ColumnCall, ColumnField } from '../../lib/execution/columnField'
import {
  type ClearKey,
  compileClearKey,
  compileMergeKey,
  type WriteKey,
} from '../../lib/execution/generatedCode'
import { lightError } from '../graphql/lightError'
import { merged } from '../graphql/responseData'
import { argumentValues, compileArguments, type QuickArguments } from '../operations/inputCoercion'
import { type Column, type ColumnRows, itemsInList, type LocalRun, type PlainObjects } from './localRun'
import { compilePlainValues, type WritePlainValues } from './plainFields'

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
  /** A faster way for lists of plain objects. Undefined if each value must be completed by itself. */
  plain?: PlainObjects | undefined
}

export function withPlain(plain: PlainObjects | undefined, complete: Complete): Complete {
  complete.plain = plain
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

/** A field that is resolved by columns, at one place of an operation. */
export class ColumnUse implements Column {
  readonly number: number
  /** Whether its values are completed without their path. */
  readonly isLeaf: boolean
  readonly writePlain: WritePlainValues | undefined
  readonly write: WriteKey
  readonly clear: ClearKey

  constructor(
    readonly use: FieldUse,
    readonly column: ColumnField,
    readonly complete: Complete,
  ) {
    this.number = use.number
    this.isLeaf = isLeafType(use.field.type)
    this.writePlain = compilePlainValues(use.key, use.field.type)
    this.write = compileMergeKey(use.key, merged)
    this.clear = compileClearKey(use.key)
  }

  answer(rows: ColumnRows, run: LocalRun): Promise<void> {
    return new AskedColumn(this, rows, run).answer()
  }
}

class AskedColumn implements ColumnCall {
  readonly parents: readonly unknown[]
  args: ColumnCall['args'] = noArguments
  readonly contextValue: unknown

  constructor(
    private readonly field: ColumnUse,
    private readonly rows: ColumnRows,
    private readonly run: LocalRun,
  ) {
    this.parents = rows.parents
    this.contextValue = run.contextValue
  }

  info(row: number): GraphQLResolveInfo {
    return this.field.use.info(this.run, this.pathOf(row))
  }

  answer(): Promise<void> {
    const failed = (error: unknown) => this.failAll(error)
    try {
      this.args = this.field.use.argsOf(this.run)
      return this.field.column.answer(this).then((answer) => this.write(answer), failed)
    } catch (error) {
      failed(error)
      return nothingPending
    }
  }

  private write({ values, errors }: ColumnAnswer): void {
    const { field, rows, run, parents } = this
    if (run.work.isClosed) return
    const { complete, isLeaf, use, write } = field
    const { targets } = rows
    const { key } = use
    for (let row = errors === undefined ? this.writePlain(values) : 0; row < parents.length; row++) {
      const error = errors?.[row]
      if (error !== undefined) {
        row = this.failAlike(row, errors!) - 1
        continue
      }
      try {
        const completed = complete(values[row], isLeaf ? undefined : rows.pathOf(row), key, run)
        if (typeof completed === 'object' && isPromise(completed))
          run.alsoWaitFor(this.writeLater(completed, row))
        else write(targets[row], completed)
      } catch (thrown) {
        this.fail(row, thrown)
      }
    }
  }

  /** Writes values up to the first that needs a closer look, and returns its row. */
  private writePlain(values: readonly unknown[]): number {
    const { field, rows, run } = this
    const { targets } = rows
    if (field.writePlain !== undefined) return field.writePlain(values, targets, 0)
    const { plain } = field.complete
    if (plain === undefined || plain.columns.length > 0) return 0
    const objects: unknown[] = new Array(targets.length)
    const end = plain.copy.many(values, objects, 0, targets.length)
    run.values += end * plain.fields
    for (let row = 0; row < end; row++) field.write(targets[row], objects[row])
    return end
  }

  private async writeLater(value: PromiseLike<unknown>, row: number): Promise<void> {
    try {
      this.field.write(this.rows.targets[row], await value)
    } catch (error) {
      this.fail(row, error)
    }
  }

  /** Fails a row and the rows after it with the same error. Returns the next row. */
  private failAlike(from: number, errors: NonNullable<ColumnAnswer['errors']>): number {
    const error = errors[from]
    let to = from + 1
    while (to < errors.length && errors[to] === error) to++
    const isShared = error instanceof PresageError && !this.run.hasNulled
    for (let row = from; row < to; ) {
      if (isShared) row = this.failItems(row, to, error)
      else this.fail(row++, error)
    }
    return to
  }

  /** Fails a run of rows that are consecutive items of one list, with one shared error. Returns the next row. */
  private failItems(from: number, to: number, error: PresageError): number {
    const { run, rows, field } = this
    const { nodes } = field.use
    const { end, keysBelow } = rows.areItems ? { end: to, keysBelow: 0 } : itemsInList(rows, from, to)
    if (end === from + 1) {
      this.fail(from, error)
      return end
    }
    const { targets } = rows
    for (let row = from; row < end; row++) field.clear(targets[row])
    const path = responsePathAsArray(this.pathOf(from))
    const position = path.length - 2 - keysBelow
    run.addShared({ error, nodes, path, position, count: end - from }, field.use.coordinate)
    return end
  }

  private failAll(error: unknown): void {
    for (let row = 0; row < this.parents.length; row++) this.fail(row, error)
  }

  private fail(row: number, error: unknown): void {
    const { use, clear } = this.field
    clear(this.rows.targets[row])
    const place = this.pathOf(row)
    use.fail(error, place, true, this.run)
  }

  private pathOf(row: number): ResponsePath {
    return this.field.use.path(this.rows.pathOf(row))
  }
}

const noArguments = Object.freeze({})
const nothingPending = Promise.resolve()
