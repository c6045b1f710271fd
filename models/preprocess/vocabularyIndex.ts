import { z } from 'zod'
import { name, strictShape, whole } from '../../lib/files/shapes'
import type { Vocabulary } from '../contracts/vocabulary'
import { createData, indexTarget, wholeRange } from '../types/elementType'
import { anId, listOf } from './featureKinds'
import { listDemand } from './lists'
import { compilePadding } from './padding'
import { demandOf, type PreprocessContext, tensorStep } from './step'

/** `vocabulary`, `first` and `unknown` of index and indexList. */
const vocabularyIndexShape = {
  vocabulary: name.describe('One of the vocabularies'),
  first: whole(0).optional().describe('The index of the first entry; default: 0'),
  unknown: z
    .union([z.literal('error'), z.literal('zero'), z.int().min(0)], {
      error: 'must be error, zero or an index from 0 on',
    })
    .optional()
    .describe('What an id outside the vocabulary becomes: error (the default) or an index; zero means 0'),
}

type VocabularyIndexOptions = z.infer<z.ZodObject<typeof vocabularyIndexShape>>

interface VocabularyIndex {
  /** From `0` to one past the last entry, for any value. */
  indexOf(value: unknown): number
  /** Returns the expectation if a value is refused. */
  refuse: ((value: unknown) => string | undefined) | undefined
  /** Values that are never refused. */
  readonly entries: readonly (string | number)[]
}

/**
 * Indexes never exceed the vocabulary: entries begin at `first`, and `unknown` may be at most the index right after the
 * last entry, where some graphs keep unknown values.
 */
function compileVocabularyIndex(
  options: VocabularyIndexOptions,
  context: PreprocessContext,
): VocabularyIndex {
  const { first = 0, unknown = 'error' } = options
  const { positions, entries } = context.vocabulary(options.vocabulary)
  const { type } = context.tensor
  const range = wholeRange(type) ?? context.fail(`must fill whole numbers such as int64, got ${type}`)
  const afterLast = first + positions.size
  const other = typeof unknown === 'number' ? unknown : 0
  if (other > afterLast) context.fail(`unknown must be an index from 0 to ${afterLast}, got ${other}`)
  if (Math.max(afterLast - 1, other) > Math.min(range[1], 2_147_483_647)) {
    context.fail(`must have indexes that ${type} holds, got up to ${Math.max(afterLast - 1, other)}`)
  }
  const expectation = `must be in vocabulary ${options.vocabulary}`
  return {
    indexOf(value) {
      const position = positionOf(value, positions)
      return position === undefined ? other : position + first
    },
    refuse:
      unknown === 'error'
        ? (value) => (positionOf(value, positions) === undefined ? expectation : undefined)
        : undefined,
    entries,
  }
}

/** Undefined for null, even if the vocabulary has the word "null". */
function positionOf(value: unknown, positions: Vocabulary['positions']): number | undefined {
  if (typeof value === 'string') return positions.get(value)
  return value === null ? undefined : positions.get(String(value))
}

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
