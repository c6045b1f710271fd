import type { PresageError } from '../lib/errors'
import type { RowErrors } from './model'

/** Collects at most one error per row: the first stands. Holds no array while there is none. */
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
}
