import { whole } from '../../lib/files/shapes'
import { isFloat, safeRange } from '../types/elementType'
import type { ValueType } from '../types/valueType'
import type {
  AnyOutput,
  GraphOutput,
  OutputBatch,
  OutputNumbers,
  OutputStep,
  PostprocessContext,
  TypeContext,
} from './step'

/** `item` of column, sigmoid and softmax. */
export const itemShape = {
  item: whole(0)
    .optional()
    .describe('Only this item of the list, counted from 0, such as the probability of one class'),
}

/** The type of numbers read from the graph: a list for `[batch, n]`, unless `item` takes one of them. */
export function numbersType(
  output: GraphOutput,
  item: number | undefined,
  context: Pick<TypeContext, 'fail'>,
): ValueType {
  const { type } = output
  const kind = type === 'bool' ? 'Boolean' : isFloat(type) ? 'Float' : 'Int'
  return itemType(output, item, { kind }, context.fail)
}

/** A list of `scalar`, or one. Refuses an `item` other than 0 for an output with one value per row. */
export function itemType(
  { list }: AnyOutput,
  item: number | undefined,
  scalar: ValueType,
  fail: (message: string) => never,
): ValueType {
  if (item !== undefined && !list && item > 0) fail(`item must be 0 where a row has one value, got ${item}`)
  return list && item === undefined ? { kind: 'list', of: scalar } : scalar
}

/** Refuses an `item` beyond a fixed width. */
export function checkItem(
  output: AnyOutput,
  item: number | undefined,
  fail: (message: string) => never,
): void {
  if (item !== undefined && output.width !== undefined && item >= output.width) {
    fail(`item must be below ${output.width}, the width of ${output.name}, got ${item}`)
  }
}

/** Maps all numbers of a tensor to others; `width` is the numbers per row. */
export type Change = (values: ArrayLike<number>, width: number) => ArrayLike<number>

/** Builds an output from the graph's floating point numbers, mapped by `change`. */
export function buildChanged(
  name: string,
  item: number | undefined,
  { graph, fail }: PostprocessContext,
  change: Change,
): OutputStep {
  const output = graph(name)
  if (!isFloat(output.type)) fail(`must read floating point, got ${output.type} from ${output.name}`)
  checkItem(output, item, fail)
  return buildNumbers(output, item, change)
}

/** Builds an output from the graph's numbers, mapped by `change`. A row with a number that is not finite fails. */
export function buildNumbers(output: GraphOutput, item: number | undefined, change?: Change): OutputStep {
  const isList = output.list && item === undefined
  const asFlag = output.type === 'bool'
  return {
    build(batch) {
      const { values, exact, width, starts } = batch.numbers(output.name)
      const numbers = change ? change(values, width) : values
      const place = item ?? 0
      if (!isList && !asFlag && place < width) return scalarColumn(numbers, exact, starts, place, batch)
      const column: unknown[] = new Array(batch.rows)
      for (let row = 0; row < batch.rows; row++) {
        if (isList) column[row] = listOf(numbers, exact, starts[row], width, asFlag, row, batch)
        else if (place >= width) {
          batch.fail(row, `must have an item ${place}`, width)
          column[row] = null
        } else column[row] = readValue(numbers, exact, starts[row] + place, asFlag, row, batch)
      }
      return column
    },
  }
}

/** One number per row, in a loop that boxes none of them. */
function scalarColumn(
  numbers: ArrayLike<number>,
  exact: OutputNumbers['exact'],
  starts: Int32Array,
  place: number,
  batch: OutputBatch,
): unknown[] {
  const { rows } = batch
  const column: unknown[] = new Array(rows)
  for (let row = 0; row < rows; row++) {
    const at = starts[row] + place
    const number = numbers[at]
    // Not as one expression with the null of a failed row: that would box every number.
    if (Number.isFinite(number)) column[row] = number
    else column[row] = failed(number, exact[at], row, batch)
  }
  return column
}

function listOf(
  numbers: ArrayLike<number>,
  exact: OutputNumbers['exact'],
  start: number,
  width: number,
  asFlag: boolean,
  row: number,
  batch: OutputBatch,
): unknown[] | null {
  const list: unknown[] = new Array(width)
  for (let place = 0; place < width; place++) {
    list[place] = readValue(numbers, exact, start + place, asFlag, row, batch)
    if (list[place] === null) return null
  }
  return list
}

function readValue(
  numbers: ArrayLike<number>,
  exact: OutputNumbers['exact'],
  at: number,
  asFlag: boolean,
  row: number,
  batch: OutputBatch,
): number | boolean | null {
  const number = numbers[at]
  if (!Number.isFinite(number)) return failed(number, exact[at], row, batch)
  return asFlag ? number !== 0 : number
}

function failed(number: number, exact: number | bigint, row: number, batch: OutputBatch): null {
  if (typeof exact === 'bigint') batch.fail(row, `must be a whole number ${safeRange}`, exact)
  else batch.fail(row, 'must be a finite number', number)
  return null
}
