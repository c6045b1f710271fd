import { z } from 'zod'
import { name, strictShape, whole } from '../../lib/files/shapes'
import { createData, fitsElement, indexTarget, isFloat } from '../types/elementType'
import { aText } from './featureKinds'
import { HashedNgrams } from './hashedNgrams'
import { tensorStep } from './step'

const sizes = 'must be [shortest, longest], from 1 to 16'
const longestNgram = 16
/** Bounds the memory that a model uses for counting: 4 bytes per bucket. */
const mostBuckets = 1 << 24

/**
 * `{ ngrams: text, sizes: [1, 3], buckets: 8192, yield: buckets }` and the same with `yield: counts`: the buckets of
 * the text's hashed character n-grams in ascending order, and how often each occurs; both padded with 0 to the batch's
 * longest. `hashedNgrams.ts` has the rules.
 */
export const ngrams = tensorStep({
  name: 'ngrams',
  options: strictShape({
    ngrams: name.describe('A feature that is a text'),
    sizes: z
      .tuple([z.int(), z.int()], { error: sizes })
      .refine(([shortest, longest]) => shortest >= 1 && shortest <= longest && longest <= longestNgram, sizes)
      .describe('Shortest and longest n-gram, in characters'),
    buckets: whole(1)
      .max(mostBuckets, `must be at most ${mostBuckets}`)
      .describe('The number of buckets of the hash'),
    yield: z
      .enum(['buckets', 'counts'], { error: 'must be buckets or counts' })
      .describe('Which of the two tensors to fill'),
  }).describe('Hashed character n-grams of a text'),
  reads: (options) => ({ features: [{ option: 'ngrams', name: options.ngrams, kind: aText }] }),
  compile(options, context) {
    const { ngrams: feature, buckets } = options
    const [shortest, longest] = options.sizes
    const { type, rank, width: fixed } = context.tensor
    if (rank === 1 || fixed !== undefined) {
      context.fail(`must be [batch, n] with n not fixed, got ${rank === 1 ? '[batch]' : `[batch, ${fixed}]`}`)
    }
    if (options.yield === 'buckets' && (isFloat(type) || !fitsElement(type, buckets - 1))) {
      context.fail(`must be whole numbers up to ${buckets - 1}, such as int64, got ${type}`)
    }
    if (options.yield === 'counts' && type !== 'float32' && !fitsElement(type, 2_147_483_647)) {
      context.fail(`must be float32, float64, int32 or int64 to hold counts, got ${type}`)
    }
    const position = context.position(feature)
    const counter = context.shared(
      `ngrams ${feature} ${shortest} ${longest} ${buckets}`,
      () => new HashedNgrams(shortest, longest, buckets),
    )
    return {
      demands: [],
      build(columns, rows) {
        const batch = counter.batch(columns[position], rows)
        const values = batch[options.yield]
        const data = createData(type, rows * batch.width)
        const { target, step } = indexTarget(data)
        for (let row = 0; row < rows; row++) {
          const ofRow = values[row]
          for (let item = 0, at = row * batch.width * step; item < ofRow.length; item++, at += step) {
            target[at] = ofRow[item]
          }
        }
        return { type, dims: [rows, batch.width], data }
      },
    }
  },
})
