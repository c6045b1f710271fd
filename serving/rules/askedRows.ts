import type { Allowance } from './rulesLimits'

/** The limits' answer for rows of a field, before any of them are read. */
export interface AskedRows {
  readonly count: number
  /** How many rows to read: the first ones. */
  readonly read: number
  /** The other rows, in order. */
  readonly refused: readonly RefusedRows[]
  /** What the rules' limits allow of the rows to read; undefined if there are no limits or they are asked later. */
  readonly allowance: Allowance | undefined
}

/** Rows `from` to below `to`, which share an error. */
export interface RefusedRows {
  readonly from: number
  readonly to: number
  readonly error: Error
}
