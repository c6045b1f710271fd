import type { GraphQLError, ResponsePath } from 'graphql'
import type { AnswerWork } from '../../lib/execution/answerWork'
import type { SharedError } from '../../lib/execution/sharedError'
import type { ResponseObject } from '../graphql/responseData'
import { type Variables, valuesPerError } from '../run/planRun'
import type { PlainCopy } from './plainFields'

/** A field that is resolved for many rows at once, at one place of an operation. */
export interface Column {
  /** Unique among the fields of the operation. */
  readonly number: number
  /** Resolves all values and writes them to the rows. Never rejects. */
  answer(rows: ColumnRows, run: LocalRun): Promise<void>
}

/** How objects without resolvers, but for columns, become rows of the answer. */
export interface PlainObjects {
  readonly copy: PlainCopy
  readonly columns: readonly Column[]
  /** The number of selected fields. */
  readonly fields: number
}

/** Objects at one place of an answer. */
export interface ColumnRows {
  /** The objects, as resolvers get them. */
  readonly parents: readonly unknown[]
  /** The objects of the answer that get the field's values. */
  readonly targets: readonly ResponseObject[]
  /** Set if row `n` is item `n` of one list, for all of them. */
  readonly areItems?: true
  /** The path of a row's object. */
  pathOf(row: number): ResponsePath | undefined
}

/** One execution of a compiled operation of a subgraph in this process. */
export class LocalRun {
  readonly errors: GraphQLError[] = []
  readonly shared: SharedError[] = []
  /** Each field's coerced arguments, by the field's number. */
  readonly kept: unknown[] = []
  private nulled: Set<ResponsePath | undefined> | undefined
  /** Rows of prediction fields that wait to be resolved together, by the field's number. */
  private batches: ({ readonly column: Column; readonly rows: RowBatch } | undefined)[] = []
  /** Pending work that the walk of the tree does not await, but the result does. */
  private readonly open: Promise<unknown>[] = []
  /** Fields of objects and items of lists since the last check of the budget and the turn. */
  values = 0
  private isWalking = true
  /** Work that continues in a later turn. While there is any, new lists pause as well. */
  private paused: (() => void)[] = []
  private isFlushScheduled = false

  constructor(
    readonly variables: Variables,
    readonly contextValue: unknown,
    readonly work: AnswerWork,
  ) {}

  /**
   * Records an error that made the value at `path` null. Later errors from below a null are dropped, as the
   * specification allows and graphql-js does.
   */
  addError(error: GraphQLError, path: ResponsePath | undefined): void {
    this.nulled ??= new Set()
    for (let at = path; at !== undefined; at = at.prev) if (this.nulled.has(at)) return
    if (this.nulled.has(undefined)) return
    this.nulled.add(path)
    this.errors.push(error)
    this.values += valuesPerError
  }

  /** Records an error of many items of the field `name`, which stays one error until the answer is written. */
  addShared(error: SharedError, name: string): void {
    this.shared.push(error)
    this.values += valuesPerError * error.count
    if (this.values >= valuesPerLook) this.look(name)
  }

  /** Call before each item of a list in the field `name`: whether to `pause`. */
  mustPause(name: string): boolean {
    this.values++
    if (this.paused.length > 0) return true
    return this.values >= valuesPerLook && this.look(name)
  }

  /**
   * Continues in a later turn of the event loop. If the work is over by then, the promise never settles and is garbage
   * collected.
   */
  pause<T>(goOn: () => T | PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const resume = () => {
        try {
          resolve(goOn())
        } catch (error) {
          reject(error)
        }
      }
      if (this.paused.push(resume) === 1) this.work.later(this.resume)
    })
  }

  /** Whether some value may be null already, so that errors from below it no longer count. */
  get hasNulled(): boolean {
    return this.nulled !== undefined
  }

  /**
   * Completes items of the list at `path` from an index on, which is counted already: as many plain objects as follow
   * each other, but no more than a part of a turn takes. Returns their number.
   */
  copyItems(
    { copy, columns, fields }: PlainObjects,
    items: readonly unknown[],
    list: unknown[],
    from: number,
    path: ResponsePath,
  ): number {
    const most = Math.ceil(valuesPerLook / (fields + 1))
    const to = copy.many(items, list, from, Math.min(items.length, from + most))
    if (to === from) return 0
    this.values += (to - from) * (fields + 1) - 1
    for (const column of columns) {
      this.addRows(column, items.slice(from, to), list.slice(from, to) as ResponseObject[], path, from)
    }
    return to - from
  }

  /** Adds a row of a prediction field, whose value will be written to `target`. */
  addRow(column: Column, parent: unknown, target: ResponseObject, path: ResponsePath | undefined): void {
    this.addRows(column, [parent], [target], path, undefined)
  }

  private addRows(
    column: Column,
    parents: unknown[],
    targets: ResponseObject[],
    path: ResponsePath | undefined,
    firstItem: number | undefined,
  ): void {
    const { number } = column
    const batch = this.batches[number]
    if (batch !== undefined) {
      batch.rows.add(parents, targets, path, firstItem)
      return
    }
    this.batches[number] = { column, rows: new RowBatch(parents, targets, path, firstItem) }
    if (!this.isWalking) this.scheduleFlush()
  }

  /** Makes the result wait for a promise. */
  alsoWaitFor(promise: Promise<unknown>): void {
    this.open.push(promise)
  }

  /** Call at the end of the first walk through the tree: resolves the fields of all rows found. */
  endWalk(): void {
    this.isWalking = false
    this.flush()
  }

  /** Resolves when nothing is pending any more; undefined if nothing is pending. */
  settle(): Promise<void> | undefined {
    const { open } = this
    if (open.length === 0) return undefined
    const rest = () => this.settle()
    return open.length === 1 ? open.pop()!.then(rest) : Promise.all(open.splice(0)).then(rest)
  }

  /** Promises of resolvers add rows one by one as they settle. Rows that arrive in one turn are resolved together. */
  private scheduleFlush(): void {
    if (this.isFlushScheduled) return
    this.isFlushScheduled = true
    this.open.push(
      new Promise((resolve) => {
        Promise.resolve().then(() =>
          process.nextTick(() => {
            this.isFlushScheduled = false
            this.flush()
            resolve(undefined)
          }),
        )
      }),
    )
  }

  private look(name: string): boolean {
    const { work, values } = this
    this.values = 0
    return !work.takes(values, name) || work.isTurnOver()
  }

  /** Continues paused work, deepest first, until something pauses again; the rest then waits for the next call. */
  private readonly resume = (): void => {
    const { paused } = this
    this.paused = []
    let at = 0
    while (at < paused.length && this.paused.length === 0 && !this.work.isOver) paused[at++]()
    if (at < paused.length) this.paused = [...this.paused, ...paused.slice(at)]
    if (!this.isWalking) this.flush()
  }

  /** If a list is paused half-way, its rows wait for the rest, so that all are resolved together. */
  private flush(): void {
    if (this.batches.length === 0 || this.paused.length > 0) return
    const { batches } = this
    this.batches = []
    for (const batch of batches)
      if (batch !== undefined) this.open.push(batch.column.answer(batch.rows, this))
  }
}

/** Collects rows while the tree is walked. It keeps the lists that it is made of. */
class RowBatch implements ColumnRows {
  /** Where rows stand: those of one place are one object or consecutive items of a list. */
  private readonly places: RowPlace[]

  constructor(
    readonly parents: unknown[],
    readonly targets: ResponseObject[],
    path: ResponsePath | undefined,
    firstItem: number | undefined,
  ) {
    this.places = [{ firstRow: 0, path, firstItem }]
  }

  add(
    parents: readonly unknown[],
    targets: readonly ResponseObject[],
    path: ResponsePath | undefined,
    firstItem: number | undefined,
  ): void {
    this.places.push({ firstRow: this.parents.length, path, firstItem })
    for (let at = 0; at < parents.length; at++) {
      this.parents.push(parents[at])
      this.targets.push(targets[at])
    }
  }

  /** Paths of items are made on demand: only errors and nested values need them. */
  pathOf(row: number): ResponsePath | undefined {
    const { firstRow, path, firstItem } = this.places[this.placeOf(row)]
    if (firstItem === undefined) return path
    return { prev: path, key: firstItem + row - firstRow, typename: undefined }
  }

  private placeOf(row: number): number {
    const { places } = this
    let low = 0
    let high = places.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (places[middle].firstRow <= row) low = middle
      else high = middle - 1
    }
    return low
  }
}

interface RowPlace {
  readonly firstRow: number
  /** Of the object, or of the list. */
  readonly path: ResponsePath | undefined
  /** The index of the first row in the list; undefined if the row is no item. */
  readonly firstItem: number | undefined
}

/** This many values take a small part of a turn. */
const valuesPerLook = 1024

/**
 * How many rows from `from` on, and before `to`, stand in consecutive items of one list. `end` is the first row that
 * does not; `keysBelow` is the number of keys between an item and its row.
 */
export function itemsInList(
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
