import type { Column } from '../../lib/column'
import { PresageError } from '../../lib/errors'
import type { RowErrors } from '../contracts/model'

/** A value that a model cannot take: `where: expectation, got what`. */
export class BadFeature extends PresageError {
  constructor(
    /** The version, and its feature or the objective's input. */
    where: string,
    readonly expectation: string,
    readonly got: string,
    details: Readonly<Record<string, unknown>>,
  ) {
    super('BAD_FEATURE', `${where}: ${expectation}, got ${got}`, details)
  }
}

/** Collects at most one error per row, the first. Allocates no array until there is one. */
export class RowErrorList {
  private list: (PresageError | undefined)[] | undefined

  constructor(private readonly rows: number) {}

  get errors(): RowErrors | undefined {
    return this.list
  }

  has(row: number): boolean {
    return this.list?.[row] !== undefined
  }

  /** `make` is called only if the row has no error yet. */
  add(row: number, make: () => PresageError): void {
    this.list ??= new Array<PresageError | undefined>(this.rows).fill(undefined)
    this.list[row] ??= make()
  }

  /** The columns with null in each row that has an error: copies, or the same columns if there are none. */
  clear(columns: readonly Column[]): readonly Column[] {
    const { list } = this
    if (list === undefined) return columns
    return columns.map((column) => column.map((value, row) => (list[row] === undefined ? value : null)))
  }
}
