import type { Column } from '../../lib/column'
import { type Demand, demandOf, type PreprocessContext } from './step'

/** The width of a tensor of lists: the graph's if it is fixed, else the batch's longest list, but at least 1. */
export interface Padding {
  readonly demands: readonly Demand[]
  widthOf(column: Column, rows: number): number
}

export function compilePadding(feature: string, context: PreprocessContext): Padding {
  const { rank, width } = context.tensor
  if (rank === 1) context.fail('must be [batch, n] to take a list, got [batch]')
  if (width === undefined) return { demands: [], widthOf: longest }
  const expectation = `must have at most ${width} items`
  const check = (list: unknown) => (((list as Column | null)?.length ?? 0) > width ? expectation : undefined)
  return { demands: demandOf(context.position(feature), check, () => [[]]), widthOf: () => width }
}

function longest(column: Column, rows: number): number {
  let width = 1
  for (let row = 0; row < rows; row++) {
    const list = column[row] as Column | null
    if (list !== null && list.length > width) width = list.length
  }
  return width
}
