import type { Column } from '../../lib/column'
import { compileScaling, type ScalingOptions, scalingDemands } from './scaling'
import type { ColumnStep, PreprocessContext } from './step'

/** One column of one number a row: the body of number, log1p and clip. */
export function numberColumn(
  feature: string,
  options: ScalingOptions,
  context: PreprocessContext,
  curve?: { readonly of: (value: number) => number; readonly words: string },
): ColumnStep {
  const position = context.position(feature)
  const scaling = compileScaling(feature, options, context, curve)
  const { transform, missing } = scaling
  return {
    width: 1,
    demands: scalingDemands(position, scaling),
    write(columns, rows, target, stride, offset) {
      const column: Column = columns[position]
      for (let row = 0, at = offset; row < rows; row++, at += stride) {
        const value = column[row]
        // Number() turns a Boolean into 0 or 1 and leaves a number as it is.
        target[at] = value === null ? missing : transform(Number(value))
      }
    },
  }
}
