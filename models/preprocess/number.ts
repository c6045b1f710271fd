import { name, strictShape } from '../../lib/files/shapes'
import { categoriesShape, compileCategories, refuseUnknownFill } from './categories'
import { aNumberOrFlag } from './featureKinds'
import { numberColumn, scalingShape } from './scaling'
import { columnStep, demandOf, unlessNull } from './step'

/**
 * `{ number: year, fill: 1997, offset: 1900, scale: 10 }`: `(value - offset) / scale`; true is 1, false 0. With
 * `categories` any other number is refused, for graphs that fail on unknown numbers and would fail the whole batch.
 */
export const number = columnStep({
  name: 'number',
  options: strictShape({
    number: name.describe('A feature that is a number or Boolean'),
    categories: categoriesShape.categories
      .optional()
      .describe('The only numbers that the graph accepts, if it fails for others'),
    ...scalingShape,
  })
    .superRefine(refuseUnknownFill)
    .describe('One column: (value - offset) / scale'),
  reads: (options) => ({ features: [{ option: 'number', name: options.number, kind: aNumberOrFlag }] }),
  compile({ categories, ...options }, context) {
    const column = numberColumn(options.number, options, context)
    if (categories === undefined) return column
    const known = demandOf(
      context.position(options.number),
      unlessNull(compileCategories({ categories }).refuse),
      () => categories,
    )
    return { ...column, demands: [...column.demands, ...known] }
  },
})
