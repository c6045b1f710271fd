import { name, strictShape } from '../../lib/files/shapes'
import { createData, indexTarget } from '../types/elementType'
import { anId } from './featureKinds'
import { demandOf, tensorStep } from './step'
import { compileVocabularyIndex, vocabularyIndexShape } from './vocabularyIndex'

/** `{ index: titleId, vocabulary: titles, first: 1, unknown: 0 }`: the id's index; null is unknown. */
export const index = tensorStep({
  name: 'index',
  options: strictShape({
    index: name.describe('A feature that is one id or word'),
    ...vocabularyIndexShape,
  }).describe('The index of the id in a vocabulary'),
  reads: (options) => ({
    features: [{ option: 'index', name: options.index, kind: anId }],
    vocabularies: [{ option: 'vocabulary', name: options.vocabulary }],
  }),
  compile(options, context) {
    const { type, rank, width } = context.tensor
    if (rank === 2 && width !== undefined && width !== 1) context.fail(`must be 1 wide, got ${width}`)
    const position = context.position(options.index)
    const { indexOf, refuse, entries } = compileVocabularyIndex(options, context)
    return {
      demands: demandOf(position, refuse, () => entries),
      build(columns, rows) {
        const column = columns[position]
        const data = createData(type, rows)
        const { target, step } = indexTarget(data)
        let last: unknown = null
        let lastIndex = indexOf(null)
        for (let row = 0; row < rows; row++) {
          const id = column[row]
          // The value of an argument is the same in all rows.
          if (id !== last) {
            last = id
            lastIndex = indexOf(id)
          }
          target[row * step] = lastIndex
        }
        return { type, dims: rank === 1 ? [rows] : [rows, 1], data }
      },
    }
  },
})
