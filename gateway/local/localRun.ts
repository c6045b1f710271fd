import type { GraphQLError, ResponsePath } from 'graphql'
import type { AnswerWork } from '../../lib/execution/answerWork'
import type { SharedError } from '../../lib/execution/sharedError'
import type { ResponseObject } from '../graphql/responseData'
import type { Variables } from '../run/planRun'

/** A field that is asked for many rows at once, at one place of an operation. */
export interface Column {
  /** Of its own among the fields of the operation. */
  readonly number: number
  /** Asks for all values and writes them where they belong. Never rejects. */
  answer(rows: ColumnRows, run: LocalRun): Promise<void>
}

/** Objects that stand at one place of an answer. */
export interface ColumnRows {
  /** As resolvers get them. */
  readonly parents: readonly unknown[]
  /** Those that get the field's values. */
  readonly targets: readonly ResponseObject[]
  /** Where they stand. */
  pathOf(row: number): ResponsePath | undefined
}

/** One execution of a compiled operation of a subgraph in this process. */
export class LocalRun {
  readonly errors: GraphQLError[] = []
  readonly shared: SharedError[] = []
  /** What fields keep for the run, by their number: coerced arguments. */
  readonly kept: unknown[] = []
  private nulled: Set<ResponsePath | undefined> | undefined
  /** Rows of prediction fields that wait to be asked together, by the field's number. */
  private batches: ({ readonly column: Column; readonly rows: RowBatch } | undefined)[] = []
  /** What is on its way although the tree does not wait for it. */
  private readonly open: Promise<unknown>[] = []
  /** Fields of objects and items of lists since the last look at the clock. */
  values = 0
  private isWalking = true
  /** What goes on in a later turn. While there is any, whatever would begin a list waits as well. */
  private paused: (() => void)[] = []
  private isFlushScheduled = false

  constructor(
    readonly variables: Variables,
    readonly contextValue: unknown,
    readonly work: AnswerWork,
  ) {}

  /**
   * An error that made the value at `path` null. What comes later from below a null is dropped, as the specification
   * allows and graphql-js does.
   */
  addError(error: GraphQLError, path: ResponsePath | undefined): void {
    this.nulled ??= new Set()
    for (let at = path; at !== undefined; at = at.prev) if (this.nulled.has(at)) return
    if (this.nulled.has(undefined)) return
    this.nulled.add(path)
    this.errors.push(error)
    this.values += valuesPerError
  }

  /** To be asked before each item of a list, which is a value of the field `name`: whether to `pause`. */
  mustPause(name: string): boolean {
    this.values++
    if (this.paused.length > 0) return true
    return this.values >= valuesPerLook && this.look(name)
  }

  /**
   * Goes on in a later turn of the event loop, unless the work is over by then: what is never gone on with is
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

  /** Whether a value may be null already, so that errors from below it count no more. */
  get hasNulled(): boolean {
    return this.nulled !== undefined
  }

  /** A row of a prediction field: its value will be written to `target`. */
  addRow(column: Column, parent: unknown, target: ResponseObject, path: ResponsePath | undefined): void {
    const { number } = column
    const batch = this.batches[number]
    if (batch !== undefined) {
      batch.rows.add(parent, target, path)
      return
    }
    this.batches[number] = { column, rows: new RowBatch(parent, target, path) }
    if (!this.isWalking) this.scheduleFlush()
  }

  /** Asks for rows that are at hand. */
  ask(column: Column, rows: ColumnRows): void {
    this.open.push(column.answer(rows, this))
  }

  /** The tree waits for nothing of this, but the answer does. */
  alsoWaitFor(promise: Promise<unknown>): void {
    this.open.push(promise)
  }

  /** To be called when the first walk through the tree is over: asks for all rows that it found. */
  endWalk(): void {
    this.isWalking = false
    this.flush()
  }

  /** Resolves when nothing is on its way any more; undefined where nothing is. */
  settle(): Promise<void> | undefined {
    const { open } = this
    if (open.length === 0) return undefined
    const rest = () => this.settle()
    return open.length === 1 ? open.pop()!.then(rest) : Promise.all(open.splice(0)).then(rest)
  }

  /**
   * Values that resolvers brought as promises add their rows one by one: what is settled in one go is asked together.
   */
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

  /**
   * What was paused first stands deepest, and goes on first; until something pauses again, which will be called back
   * then.
   */
  private readonly resume = (): void => {
    const { paused } = this
    this.paused = []
    let at = 0
    while (at < paused.length && this.paused.length === 0 && !this.work.isOver) paused[at++]()
    if (at < paused.length) this.paused = [...this.paused, ...paused.slice(at)]
    if (!this.isWalking) this.flush()
  }

  /** Rows of lists that have stopped in the middle wait for the rest of them: all are asked together. */
  private flush(): void {
    if (this.batches.length === 0 || this.paused.length > 0) return
    const { batches } = this
    this.batches = []
    for (const batch of batches) if (batch !== undefined) this.ask(batch.column, batch.rows)
  }
}

/**
 * Gathers rows while the tree is walked. Made with the first of them, so that lists of one row have no room for more.
 */
class RowBatch implements ColumnRows {
  readonly parents: unknown[]
  readonly targets: ResponseObject[]
  private readonly paths: (ResponsePath | undefined)[]

  constructor(parent: unknown, target: ResponseObject, path: ResponsePath | undefined) {
    this.parents = [parent]
    this.targets = [target]
    this.paths = [path]
  }

  add(parent: unknown, target: ResponseObject, path: ResponsePath | undefined): void {
    this.parents.push(parent)
    this.targets.push(target)
    this.paths.push(path)
  }

  pathOf(row: number): ResponsePath | undefined {
    return this.paths[row]
  }
}

/** An error takes as long to be placed and written as so many values. */
const valuesPerError = 10

/** So many take a small part of a turn. */
const valuesPerLook = 1024
