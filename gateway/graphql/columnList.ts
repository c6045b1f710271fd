import type { ExecutionResult } from 'graphql'
import type { JsonColumns } from '../../lib/execution/subgraphExecutor'
import { isMap } from '../../lib/isMap'
import { readJson } from '../../lib/readJson'
import { readColumn } from './columnText'
import { maxColumnRows } from './entityColumns'
import { merged, type ResponseObject } from './responseData'

/*
 * Columns as text: a line with a head in JSON, and a line of JSON for each column. JSON has no line breaks of its own, so
 * a column is passed on without being read.
 *
 *     {"key":"titles","type":"Title","rows":2,"constants":{"__typename":"Title"},"columns":["id","year"]}
 *     ["1","2"]
 *     [1999,null]
 */

/** The media type of columns as text. */
export const columnsType = 'application/x-presage-columns'

/** Objects of one type with the same fields, which are made only if somebody needs them. */
export class ColumnList implements JsonColumns {
  private made: ResponseObject[] | undefined

  constructor(
    /** The response key of the list. */
    readonly key: string,
    readonly type: string,
    readonly rows: number,
    /** Fields with the same value in all rows. */
    private readonly constants: Readonly<Record<string, unknown>>,
    readonly columns: Map<string, string>,
    /** Makes the error for a column that is not JSON, or of another length. */
    private readonly broken: (error: Error) => Error,
  ) {}

  column(key: string): string | undefined {
    return this.columns.get(key)
  }

  add(key: string, column: string): void {
    if (this.made === undefined && !this.columns.has(key) && !Object.hasOwn(this.constants, key)) {
      this.columns.set(key, column)
      return
    }
    const objects = this.objects()
    const values = this.parse(column)
    for (let row = 0; row < this.rows; row++) objects[row][key] = merged(objects[row][key], values[row])
  }

  /** The objects. Columns that are added later are written into them. */
  objects(): ResponseObject[] {
    if (this.made !== undefined) return this.made
    const made = Array.from({ length: this.rows }, (): ResponseObject => ({ ...this.constants }))
    for (const [key, column] of this.columns) {
      const values = this.parse(column)
      for (let row = 0; row < this.rows; row++) made[row][key] = values[row]
    }
    this.made = made
    return made
  }

  private parse(column: string): unknown[] {
    try {
      return readColumn(column, this.rows)
    } catch (error) {
      throw this.broken(error as Error)
    }
  }
}

/** The result of an operation whose only field is a list. */
export class ColumnResult implements ExecutionResult {
  constructor(readonly list: ColumnList) {}

  get data(): Record<string, unknown> {
    return { [this.list.key]: this.list.objects() }
  }
}

/**
 * Reads columns as text. Undefined if it is malformed, or tells of more rows than a subgraph sends so: a few bytes must
 * not stand for millions of objects. The columns themselves are not read.
 */
export function readColumnList(text: string, broken: (error: Error) => Error): ColumnList | undefined {
  const [first, ...lines] = text.split('\n')
  const head = readJson(first)
  if (!isMap(head)) return undefined
  const { key = '', type = '', rows, constants = {}, columns } = head
  if (typeof key !== 'string' || typeof type !== 'string' || !isMap(constants)) return undefined
  if (!isWhole(rows) || rows > maxColumnRows) return undefined
  if (!Array.isArray(columns) || columns.length !== lines.length) return undefined
  const named = new Map(lines.map((line, at) => [String(columns[at]), line]))
  return new ColumnList(key, type, rows, constants, named, broken)
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

export function columnsText(head: object, columns: readonly string[]): string {
  let text = JSON.stringify(head)
  for (const column of columns) text += `\n${column}`
  return text
}
