import { finite, milliseconds, strictShape, text, whole } from '../../lib/files/shapes'

const share = finite.min(0, 'must be from 0 to 1').max(1, 'must be from 0 to 1')

/** The section `shadows`: how much shadow predictions may cost, and how to compare them. */
export const shadowsShape = strictShape({
  rows: whole(0).default(10_000).describe('Rows that may be under way to shadows at once; 0 turns them off.'),
  deadline: milliseconds.prefault('200ms').describe('How long a shadow may take.'),
  tolerance: finite
    .min(0, 'must be 0 or more')
    .default(0.001)
    .describe('Numbers agree that differ by at most this much of the greater one, or of 1.'),
  k: whole(1).default(10).describe('How many items of a list are compared, from the first.'),
  pairs: whole(1).default(100).describe('Pairs of versions that comparisons are kept of.'),
  examples: whole(0)
    .default(0)
    .describe('Worst rows kept by pair and output. They show inputs and answers, which may be personal.'),
}).prefault({})

/** The section `exposures`: where to record which cell of an experiment each unit is in. */
export const exposuresShape = strictShape({
  file: text.describe('JSON lines are appended to it; relative to this file.'),
  sample: share.default(1).describe('The share of units that is recorded.'),
})
