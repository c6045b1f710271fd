import { z } from 'zod'
import { finite, name, strictShape } from '../../lib/files/shapes'
import { fitsElement, isFloat } from '../types/elementType'
import { isAscending } from '../types/isAscending'
import { aNumber } from './featureKinds'
import { columnStep } from './step'

const ascending = 'must be increasing numbers'

/**
 * `{ bucketize: age, boundaries: [25, 40, 60] }`: the interval of the value: below 25, from 25, from 40, or from 60.
 * One 0/1 column per interval (null: zeros, or the interval of `fill`), or with `yield: index` one column with its
 * number from 0.
 */
export const bucketize = columnStep({
  name: 'bucketize',
  options: strictShape({
    bucketize: name.describe('A feature that is a number'),
    boundaries: z
      .array(finite, { error: ascending })
      .min(1, ascending)
      .refine(isAscending, ascending)
      .describe('The boundaries between intervals; each belongs to the upper interval'),
    yield: z
      .enum(['oneHot', 'index'], { error: 'must be oneHot or index' })
      .optional()
      .describe(
        'A 0/1 column per interval (oneHot, the default) or one column with the index of the interval',
      ),
    fill: finite.optional().describe('Replaces null before the interval is looked up'),
  }).describe('The interval that contains the value'),
  reads: (options) => ({ features: [{ option: 'bucketize', name: options.bucketize, kind: aNumber }] }),
  compile(options, context) {
    const { boundaries, fill } = options
    const position = context.position(options.bucketize)
    const { type } = context.tensor
    const asIndex = options.yield === 'index'
    if (asIndex && fill === undefined && !isFloat(type) && context.feature(options.bucketize).nullable) {
      context.fail(`needs fill, since ${type} has no NaN and feature ${options.bucketize} may be null`)
    }
    if (asIndex && !fitsElement(type, boundaries.length)) {
      context.fail(`must have intervals that ${type} can count, got ${boundaries.length + 1}`)
    }
    return {
      width: asIndex ? 1 : boundaries.length + 1,
      demands: [],
      write(columns, rows, target, stride, offset) {
        const column = columns[position]
        for (let row = 0, at = offset; row < rows; row++, at += stride) {
          const value = (column[row] as number | null) ?? fill
          if (asIndex) target[at] = value === undefined ? Number.NaN : bucketOf(value, boundaries)
          else if (value !== undefined) target[at + bucketOf(value, boundaries)] = 1
        }
      },
    }
  },
})

/** How many boundaries are at or below the value. */
function bucketOf(value: number, boundaries: readonly number[]): number {
  let bucket = 0
  while (bucket < boundaries.length && value >= boundaries[bucket]) bucket++
  return bucket
}
