import type { Allowance } from './rulesLimits'

/** Rows of a field, for which the limits were asked before anything of them was read. */
export interface AskedRows {
  readonly count: number
  /** How many are worth reading: the first ones. */
  readonly read: number
  /** All others, in their order. */
  readonly refused: readonly RefusedRows[]
  /** What the rules' limits allow of those that are read; undefined where that is asked later, or nothing limits them. */
  readonly allowance: Allowance | undefined
}

/** Rows `from` to below `to`, which share an error. */
export interface RefusedRows {
  readonly from: number
  readonly to: number
  readonly error: Error
}
