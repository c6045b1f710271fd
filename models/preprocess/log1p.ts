import { name, strictShape } from '../../lib/files/shapes'
import { aNumber } from './featureKinds'
import { numberColumn, scalingShape } from './scaling'
import { columnStep } from './step'

/** `{ log1p: amount, fill: 0 }`: `(ln(1 + value) - offset) / scale`. A value of -1 or below is refused. */
export const log1p = columnStep({
  name: 'log1p',
  options: strictShape({
    log1p: name.describe('A feature that is a number above -1'),
    ...scalingShape,
  }).describe('One column: (ln(1 + value) - offset) / scale'),
  reads: (options) => ({ features: [{ option: 'log1p', name: options.log1p, kind: aNumber }] }),
  compile: (options, context) =>
    numberColumn(options.log1p, options, context, { of: Math.log1p, words: 'must be above -1 for log1p' }),
})
