import { z } from 'zod'
import { name, whole } from '../../lib/files/shapes'
import type { Vocabulary } from '../contracts/vocabulary'
import { wholeRange } from '../types/elementType'
import type { PreprocessContext } from './step'

/** `vocabulary`, `first` and `unknown` of index and indexList. */
export const vocabularyIndexShape = {
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

export interface VocabularyIndex {
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
export function compileVocabularyIndex(
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
