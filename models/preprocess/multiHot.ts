import { name, strictShape } from '../../lib/files/shapes'
import { categoriesShape, compileCategories, noSuchColumn, unknownIsAColumn } from './categories'
import { aWord, listOf } from './featureKinds'
import { listDemand } from './lists'
import { columnStep } from './step'

/** `{ multiHot: genres, categories: [Action, Drama], unknown: zero }`: 1 for each category in the list. */
export const multiHot = columnStep({
  name: 'multiHot',
  options: strictShape({
    multiHot: name.describe('A feature that is a list of words, ids or flags'),
    ...categoriesShape,
  })
    .refine(unknownIsAColumn, noSuchColumn)
    .describe('A 0/1 column per category, 1 if the list contains it; all zeros for null'),
  reads: (options) => ({ features: [{ option: 'multiHot', name: options.multiHot, kind: listOf(aWord) }] }),
  compile(options, context) {
    const position = context.position(options.multiHot)
    const { columnOf, refuse } = compileCategories(options)
    const feature = context.feature(options.multiHot)
    return {
      width: options.categories.length,
      demands: listDemand(position, feature, refuse, options.categories),
      write(columns, rows, target, stride, offset) {
        const column = columns[position]
        for (let row = 0, at = offset; row < rows; row++, at += stride) {
          const list = column[row] as readonly unknown[] | null
          if (list === null) continue
          for (let item = 0; item < list.length; item++) {
            const category = columnOf(list[item])
            if (category >= 0) target[at + category] = 1
          }
        }
      },
    }
  },
})
