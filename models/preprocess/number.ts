import { name, strictShape } from '../../lib/files/shapes'
import { aNumberOrFlag } from './featureKinds'
import { numberColumn, scalingShape } from './scaling'
import { columnStep } from './step'

/** `{ number: year, fill: 1997, offset: 1900, scale: 10 }`: `(value - offset) / scale`; true is 1, false 0. */
export const number = columnStep({
  name: 'number',
  options: strictShape({
    number: name.describe('A feature that is a number or Boolean'),
    ...scalingShape,
  }).describe('One column: (value - offset) / scale'),
  reads: (options) => ({ features: [{ option: 'number', name: options.number, kind: aNumberOrFlag }] }),
  compile: (options, context) => numberColumn(options.number, options, context),
})
