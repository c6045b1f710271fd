import { bucketize } from './bucketize'
import { clip } from './clip'
import { index } from './idIndex'
import { indexList } from './indexList'
import { log1p } from './log1p'
import { mask } from './mask'
import { multiHot } from './multiHot'
import { ngrams } from './ngrams'
import { number } from './number'
import { oneHot } from './oneHot'
import type { PreprocessStep } from './step'
import { text } from './text'
import { vector } from './vector'

/** Every preprocess step, by the key that names it in a manifest. A new step needs its file and an entry here. */
export const preprocessSteps: ReadonlyMap<string, PreprocessStep> = new Map(
  [number, log1p, clip, bucketize, multiHot, oneHot, vector, text, index, indexList, mask, ngrams].map(
    (step) => [step.name, step],
  ),
)
