import { bucketize } from './bucketize'
import { multiHot, oneHot } from './categories'
import { clip } from './clip'
import { log1p } from './log1p'
import { mask } from './mask'
import { ngrams } from './ngrams'
import { number } from './number'
import type { PreprocessStep } from './step'
import { text } from './text'
import { vector } from './vector'
import { index, indexList } from './vocabularyIndex'

/** Every preprocess step, by the key that names it in a manifest. A new step needs its file and an entry here. */
export const preprocessSteps: ReadonlyMap<string, PreprocessStep> = new Map(
  [number, log1p, clip, bucketize, multiHot, oneHot, vector, text, index, indexList, mask, ngrams].map(
    (step) => [step.name, step],
  ),
)
