import { z } from 'zod'
import { finite, name, strictShape } from '../../lib/files/shapes'
import { aNumber } from './featureKinds'
import { numberColumn, scalingShape } from './scaling'
import { columnStep } from './step'

const bounds = 'must be [lowest, highest]'

/** `{ clip: age, to: [18, 90], offset: 18, scale: 72 }`: the nearer bound, then `(value - offset) / scale`. */
export const clip = columnStep({
  name: 'clip',
  options: strictShape({
    clip: name.describe('A feature that is a number'),
    to: z
      .tuple([finite, finite], { error: bounds })
      .refine(([lowest, highest]) => lowest <= highest, bounds)
      .describe('Lowest and highest resulting value'),
    ...scalingShape,
  }).describe('One column: the value limited to the bounds, then (value - offset) / scale'),
  reads: (options) => ({ features: [{ option: 'clip', name: options.clip, kind: aNumber }] }),
  compile(options, context) {
    const [lowest, highest] = options.to
    return numberColumn(options.clip, options, context, {
      of: (value) => Math.min(Math.max(value, lowest), highest),
      words: `must become a number that ${context.tensor.type} holds`,
    })
  },
})
