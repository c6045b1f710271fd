import type { GraphQLResolveInfo } from 'graphql'
import type { ColumnCall } from '../../lib/execution/columnField'
import { isPromise } from '../../lib/isPromise'
import { type ColumnInput, UNKNOWN_ENTITY } from './compileInput'
import type { FieldCall, SubgraphContext } from './subgraphContext'

/** The inputs of a call, by input and row, without the rows that are left out. */
export interface InputColumns {
  readonly columns: readonly (readonly unknown[])[]
  readonly rows: Rows
}

/** Which rows of a call are predicted. Rows are left out if an input failed or their entity is unknown. */
export class Rows {
  private leftOut: Map<number, Error | undefined> | undefined

  constructor(readonly asked: number) {}

  get areAll(): boolean {
    return this.leftOut === undefined
  }

  /** How many rows are predicted. */
  get count(): number {
    return this.asked - (this.leftOut?.size ?? 0)
  }

  isLeftOut(row: number): boolean {
    return this.leftOut?.has(row) ?? false
  }

  errorOf(row: number): Error | undefined {
    return this.leftOut?.get(row)
  }

  errors(): Iterable<Error | undefined> {
    return this.leftOut?.values() ?? []
  }

  /** The first input that fails determines the error. */
  leaveOut(row: number, error: unknown): void {
    this.leftOut ??= new Map()
    if (this.leftOut.has(row)) return
    this.leftOut.set(row, error === undefined || error instanceof Error ? error : new Error(String(error)))
  }
}

/** Reads all inputs of all rows, column by column. Returns a promise only if some value is a promise. */
export function collectColumns(
  inputs: readonly ColumnInput[],
  call: ColumnCall,
): InputColumns | Promise<InputColumns> {
  const rows = new Rows(call.parents.length)
  const row = new RowCall(call)
  let isWaiting = false
  const columns = inputs.map(({ source, isSame, quick }) => {
    row.row = 0
    if (isSame) return new Array<unknown>(rows.asked).fill(source(row))
    const column: unknown[] = new Array(rows.asked)
    if (quick?.(call.parents, column)) return column
    for (; row.row < rows.asked; row.row++) {
      try {
        const value = source(row)
        if (value === UNKNOWN_ENTITY) rows.leaveOut(row.row, undefined)
        else if (isPromise(value)) isWaiting = true
        column[row.row] = value
      } catch (error) {
        rows.leaveOut(row.row, error)
      }
    }
    return column
  })
  return isWaiting ? settled(columns, rows) : packed(columns, rows)
}

/** The current row of a call, in the form of a resolver call. */
class RowCall implements FieldCall {
  row = 0
  readonly args: FieldCall['args']
  readonly contextValue: SubgraphContext

  constructor(private readonly call: ColumnCall) {
    this.args = call.args
    this.contextValue = call.contextValue as SubgraphContext
  }

  get parent(): unknown {
    return this.call.parents[this.row]
  }

  get info(): GraphQLResolveInfo {
    return this.call.info(this.row)
  }
}

async function settled(columns: readonly unknown[][], rows: Rows): Promise<InputColumns> {
  for (const column of columns) {
    const values = await Promise.allSettled(column)
    for (let row = 0; row < rows.asked; row++) {
      const value = values[row]
      if (value.status === 'fulfilled') column[row] = value.value
      else rows.leaveOut(row, value.reason)
    }
  }
  return packed(columns, rows)
}

function packed(columns: readonly unknown[][], rows: Rows): InputColumns {
  if (rows.areAll) return { columns, rows }
  return { columns: columns.map((column) => column.filter((_, row) => !rows.isLeftOut(row))), rows }
}
