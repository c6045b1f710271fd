import { areTexts } from '../../lib/execution/itemKinds'
import type { InputSpec } from '../contracts/objective'
import { float32Highest } from '../types/elementType'
import type { ValueType } from '../types/valueType'

type AllNormalized = (values: readonly unknown[]) => boolean

/**
 * Compiles a fast check whether all values of a column, or all items of a list, are normalized already, for numbers and
 * texts. A loop for a single type boxes no number and calls no function. False means only that the values need the full
 * check.
 */
export function compileAllNormalized(
  type: ValueType,
  range: InputSpec['range'],
  maxLength: number | undefined,
): AllNormalized | undefined {
  const [lowest, highest] = range ?? [-Infinity, Infinity]
  switch (type.kind) {
    case 'Int':
      return (values) => areWholeWithin(values, lowest, highest)
    case 'Float':
      return (values) =>
        areWithin(values, Math.max(lowest, -float32Highest), Math.min(highest, float32Highest))
    case 'ID':
    case 'String':
      return maxLength === undefined ? areTexts : undefined
    default:
      return undefined
  }
}

function areWholeWithin(values: readonly unknown[], lowest: number, highest: number): boolean {
  for (let at = 0; at < values.length; at++) {
    const value = values[at]
    if (!Number.isSafeInteger(value) || (value as number) < lowest || (value as number) > highest)
      return false
  }
  return true
}

function areWithin(values: readonly unknown[], lowest: number, highest: number): boolean {
  for (let at = 0; at < values.length; at++) {
    const value = values[at]
    // Written so that NaN is refused.
    if (typeof value !== 'number' || !(value >= lowest && value <= highest)) return false
  }
  return true
}
