import type { Column } from '../../lib/column'
import type { NumberArray } from '../types/elementType'
import { compileScaling, type ScalingOptions, scalingDemands } from './scaling'
import type { ColumnStep, PreprocessContext } from './step'

/** One column with one number per row: the shared part of number, log1p and clip. */
export function numberColumn(
  feature: string,
  options: ScalingOptions,
  context: PreprocessContext,
  curve?: { readonly of: (value: number) => number; readonly words: string },
): ColumnStep {
  const position = context.position(feature)
  const scaling = compileScaling(feature, options, context, curve)
  const { transform, linear, missing } = scaling
  return {
    width: 1,
    demands: scalingDemands(position, scaling),
    write(columns, rows, target, stride, offset) {
      const column: Column = columns[position]
      if (linear !== undefined) {
        writeLinear(column, rows, target, stride, offset, linear.offset, linear.scale, missing)
        return
      }
      for (let row = 0, at = offset; row < rows; row++, at += stride) {
        const value = column[row]
        target[at] = value === null ? missing : transform(Number(value))
      }
    },
  }
}

function writeLinear(
  column: Column,
  rows: number,
  target: NumberArray,
  stride: number,
  start: number,
  offset: number,
  scale: number,
  missing: number,
): void {
  for (let row = 0, at = start; row < rows; row++, at += stride) {
    const value = column[row]
    if (typeof value === 'number') target[at] = (value - offset) / scale
    // Number() turns a Boolean into 0 or 1.
    else target[at] = value === null ? missing : (Number(value) - offset) / scale
  }
}
