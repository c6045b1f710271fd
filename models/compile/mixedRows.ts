import { PresageError } from '../../lib/errors'
import type { OutputSpec } from '../contracts/objective'
import { compareGolden } from './golden'

/** What a version answers to a row: its outputs by name, each its value or its error. */
type Answer = Readonly<Record<string, unknown>>

/** Batches of other sizes are summed in another order, which shows in the last digits of a float32. */
const rounding = 1e-4

/** Ends each message about a graph that mixes the rows of a batch, such as one that subtracts the batch's mean. */
export const rowsAreMixed = 'its rows depend on the batch that they run in'

/** The first and the last case run alone too: whatever mixes rows changes one of them at least. */
export function casesAlone(cases: number): readonly number[] {
  return cases < 2 ? [] : [0, cases - 1]
}

/** Why a case shows that rows are mixed: alone it is answered otherwise than in a batch. Undefined if it is not. */
export function mixedRowsProblem(
  place: number,
  inBatch: Answer,
  alone: Answer,
  outputs: readonly OutputSpec[],
  tolerance: number,
): string | undefined {
  const output = Object.fromEntries(
    Object.entries(inBatch).filter(([, value]) => !(value instanceof PresageError)),
  )
  const difference = compareGolden({ input: {}, output }, alone, outputs, tolerance, rounding)
  return difference && `case ${place} without the others: ${difference}: ${rowsAreMixed}`
}
