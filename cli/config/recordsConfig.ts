import { finite, positiveMilliseconds, strictShape, text, whole } from '../../lib/files/shapes'

const share = finite.min(0, 'must be from 0 to 1').max(1, 'must be from 0 to 1')

/** The section `shadows`: how much shadow predictions may cost, and how to compare them. */
export const shadowsShape = strictShape({
  rows: whole(0)
    .default(10_000)
    .describe('Maximum number of rows in flight to shadows; 0 turns shadows off.'),
  deadline: positiveMilliseconds.prefault('200ms').describe('Time limit of a shadow.'),
  tolerance: finite
    .min(0, 'must be 0 or more')
    .default(0.001)
    .describe('Numbers agree if they differ by at most this fraction of the greater one, or of 1.'),
  k: whole(1).default(10).describe('How many items of a list are compared, from the first.'),
  pairs: whole(1).default(100).describe('Maximum number of pairs of versions to keep comparisons of.'),
  examples: whole(0)
    .default(0)
    .describe(
      'Worst rows to keep per pair and output. They show inputs and answers, which may be personal data.',
    ),
}).prefault({})

/** The section `exposures`: where to record which cell of an experiment each unit is in. */
export const exposuresShape = strictShape({
  file: text.describe('The file to append JSON lines to, relative to this file.'),
  sample: share.default(1).describe('The share of units to record.'),
})
