import { name, strictShape } from '../../lib/files/shapes'
import { categoriesShape, compileCategories, noSuchColumn, unknownIsAColumn } from './categories'
import { aWord } from './featureKinds'
import { columnStep, demandOf, unlessNull } from './step'

/** `{ oneHot: job, categories: [fixed, freelance], unknown: zero }`: a 0/1 column per category; null is all zeros. */
export const oneHot = columnStep({
  name: 'oneHot',
  options: strictShape({
    oneHot: name.describe('A feature that is one word, id or flag'),
    ...categoriesShape,
  })
    .refine(unknownIsAColumn, noSuchColumn)
    .describe('A 0/1 column per category; all zeros for null'),
  reads: (options) => ({ features: [{ option: 'oneHot', name: options.oneHot, kind: aWord }] }),
  compile(options, context) {
    const position = context.position(options.oneHot)
    const { columnOf, refuse } = compileCategories(options)
    return {
      width: options.categories.length,
      demands: demandOf(position, unlessNull(refuse), () => options.categories),
      write(columns, rows, target, stride, offset) {
        const column = columns[position]
        for (let row = 0, at = offset; row < rows; row++, at += stride) {
          const value = column[row]
          const category = value === null ? -1 : columnOf(value)
          if (category >= 0) target[at + category] = 1
        }
      },
    }
  },
})
