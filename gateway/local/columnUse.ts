import { type GraphQLResolveInfo, isLeafType, type ResponsePath, responsePathAsArray } from 'graphql'
import { isPromise } from 'graphql/jsutils/isPromise'
import { PresageError } from '../../lib/errors'
import type { ColumnAnswer, ColumnCall, ColumnField } from '../../lib/execution/columnField'
import { generateFunction } from '../../lib/execution/generatedCode'
import { merged, type ResponseObject } from '../graphql/responseData'
import type { Complete, FieldUse } from './fieldUse'
import type { Column, ColumnRows, LocalRun } from './localRun'

/** A field that is resolved by columns, at one place of an operation. */
export class ColumnUse implements Column {
  readonly number: number
  /** Whether its values are completed without their path. */
  readonly isLeaf: boolean
  readonly write: WriteKey
  readonly clear: ClearKey

  constructor(
    readonly use: FieldUse,
    readonly column: ColumnField,
    readonly complete: Complete,
  ) {
    this.number = use.number
    this.isLeaf = isLeafType(use.field.type)
    this.write = compileWriteKey(use.key)
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
    for (let row = 0; row < parents.length; row++) {
      const error = errors?.[row]
      if (error !== undefined) {
        row = this.failAlike(row, errors!) - 1
        continue
      }
      try {
        const completed = complete(values[row], isLeaf ? undefined : rows.pathOf(row), key, run)
        if (typeof completed === 'object' && isPromise(completed))
          run.alsoWaitFor(this.writeLater(completed, row))
        else write(targets[row], isLeaf ? completed : merged(targets[row][key], completed))
      } catch (thrown) {
        this.fail(row, thrown)
      }
    }
  }

  private async writeLater(value: PromiseLike<unknown>, row: number): Promise<void> {
    try {
      const completed = await value
      const target = this.rows.targets[row]
      const { key } = this.field.use
      target[key] = merged(target[key], completed)
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

/** Sets one key of an object of the answer. */
type WriteKey = (target: ResponseObject, value: unknown) => void

/**
 * Compiles the assignment of a key, which is a GraphQL name. Generated code is much faster here: V8 optimizes
 * `object.name`, but not `object[name]` at a site that sees many names.
 */
function compileWriteKey(key: string): WriteKey {
  const written = generateFunction<WriteKey>(
    {},
    `return function writeKey(target, value) { target.${key} = value }`,
  )
  if (written !== undefined) return written
  return (target, value) => {
    target[key] = value
  }
}

/** Sets one key of an object of the answer to null if it has no value. */
type ClearKey = (target: ResponseObject) => void

function compileClearKey(key: string): ClearKey {
  const written = generateFunction<ClearKey>(
    {},
    `return function clearKey(target) { target.${key} ??= null }`,
  )
  if (written !== undefined) return written
  return (target) => {
    target[key] ??= null
  }
}

/**
 * How many rows from `from` on, and before `to`, stand in consecutive items of one list. `end` is the first row that
 * does not; `keysBelow` is the number of keys between an item and its row.
 */
function itemsInList(
  rows: ColumnRows,
  from: number,
  to: number,
): { readonly end: number; readonly keysBelow: number } {
  let last = rows.pathOf(from)
  let keysBelow = -1
  let end = from + 1
  for (; end < to; end++) {
    const path = rows.pathOf(end)
    const keys = keysBelowNext(last, path)
    if (keys === -1) break
    keysBelow = keys
    last = path
  }
  return { end, keysBelow }
}

/** If `next` leads to the next item of the same list as `path`, the number of keys below the item; else -1. */
function keysBelowNext(path: ResponsePath | undefined, next: ResponsePath | undefined): number {
  let one = path
  let other = next
  for (let keys = 0; one !== undefined && other !== undefined; keys++) {
    if (typeof one.key === 'number') return one.prev === other.prev && other.key === one.key + 1 ? keys : -1
    if (one.key !== other.key) return -1
    one = one.prev
    other = other.prev
  }
  return -1
}
