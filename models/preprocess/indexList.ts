import { name, strictShape } from '../../lib/files/shapes'
import { createData, indexTarget } from '../types/elementType'
import { anId, listOf } from './featureKinds'
import { listDemand } from './lists'
import { compilePadding } from './padding'
import { tensorStep } from './step'
import { compileVocabularyIndex, vocabularyIndexShape } from './vocabularyIndex'

/**
 * `{ indexList: history, vocabulary: titles, first: 1, unknown: 0 }`: the index of each id in the vocabulary, padded
 * with 0 to the batch's longest list (or the graph's fixed width); null is an empty list.
 */
export const indexList = tensorStep({
  name: 'indexList',
  options: strictShape({
    indexList: name.describe('A feature that is a list of ids or words'),
    ...vocabularyIndexShape,
  }).describe('The index of each id in a vocabulary, padded with 0'),
  reads: (options) => ({
    features: [{ option: 'indexList', name: options.indexList, kind: listOf(anId) }],
    vocabularies: [{ option: 'vocabulary', name: options.vocabulary }],
  }),
  compile(options, context) {
    const { type } = context.tensor
    const position = context.position(options.indexList)
    const feature = context.feature(options.indexList)
    const { indexOf, refuse, entries } = compileVocabularyIndex(options, context)
    const padding = compilePadding(options.indexList, context)
    return {
      demands: [...padding.demands, ...listDemand(position, feature, refuse, entries)],
      build(columns, rows) {
        const column = columns[position]
        const width = padding.widthOf(column, rows)
        const data = createData(type, rows * width)
        const { target, step } = indexTarget(data)
        for (let row = 0; row < rows; row++) {
          const list = column[row] as readonly unknown[] | null
          if (list === null) continue
          for (let item = 0, at = row * width * step; item < list.length; item++, at += step) {
            target[at] = indexOf(list[item])
          }
        }
        return { type, dims: [rows, width], data }
      },
    }
  },
})
