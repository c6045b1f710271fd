import { name, strictShape } from '../../lib/files/shapes'
import { createData, indexTarget } from '../types/elementType'
import { aList } from './featureKinds'
import { compilePadding } from './padding'
import { tensorStep } from './step'

/**
 * `{ mask: history }`: 1 for each entry of the list, known or not, 0 for the padding. As wide as the list's indexList.
 */
export const mask = tensorStep({
  name: 'mask',
  options: strictShape({ mask: name.describe('A feature that is a list') }).describe(
    '1 for each entry of a list, 0 for the padding',
  ),
  reads: (options) => ({ features: [{ option: 'mask', name: options.mask, kind: aList }] }),
  compile(options, context) {
    const { type } = context.tensor
    const position = context.position(options.mask)
    const padding = compilePadding(options.mask, context)
    return {
      demands: padding.demands,
      build(columns, rows) {
        const column = columns[position]
        const width = padding.widthOf(column, rows)
        const data = createData(type, rows * width)
        const { target, step } = indexTarget(data)
        for (let row = 0; row < rows; row++) {
          const length = (column[row] as readonly unknown[] | null)?.length ?? 0
          const start = row * width * step
          for (let at = start; at < start + length * step; at += step) target[at] = 1
        }
        return { type, dims: [rows, width], data }
      },
    }
  },
})
