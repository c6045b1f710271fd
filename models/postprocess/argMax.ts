import { strictShape, text } from '../../lib/shapes'
import { labelNames } from './labelNames'
import { outputStep } from './step'

/**
 * `{ argMax: logits, labels: [CAT, DOG] }`: the label of the highest number, the first of equal ones; without
 * labels its place from 0.
 */
export const argMax = outputStep({
  name: 'argMax',
  options: strictShape({
    argMax: text.describe('An output of the graph that is a list'),
    labels: labelNames.optional().describe('A label per number; without, the place from 0'),
  }).describe('Which number of the list is the highest'),
  reads: (options) => ({ graph: [options.argMax] }),
  type(options, context) {
    const output = context.graph(options.argMax)
    if (output !== undefined && !output.list)
      context.fail(`must read a list, got one value a row from ${output.name}`)
    return options.labels ? { kind: 'enum', labels: options.labels } : { kind: 'Int' }
  },
  compile({ argMax: name, labels }, context) {
    const { width: fixed } = context.graph(name)
    if (labels && fixed !== undefined && labels.length !== fixed) {
      context.fail(`labels must be ${fixed}, one per number of ${name}, got ${labels.length}`)
    }
    return {
      demands: [],
      build(batch) {
        const { values, width, starts } = batch.numbers(name)
        const column: unknown[] = new Array(batch.rows)
        for (let row = 0; row < batch.rows; row++) {
          const place = highestPlace(values, starts[row], width)
          column[row] = labels && place !== undefined ? labels[place] : place
          if (column[row] !== undefined) continue
          if (place === undefined) batch.fail(row, 'must be made of numbers', Number.NaN)
          else batch.fail(row, `must be one of ${labels?.length} labels`, place)
          column[row] = null
        }
        return column
      },
    }
  },
})

/** Undefined if one of the numbers is NaN, or there is none. */
function highestPlace(values: ArrayLike<number>, start: number, width: number): number | undefined {
  let best: number | undefined
  for (let place = 0; place < width; place++) {
    const value = values[start + place]
    if (Number.isNaN(value)) return undefined
    if (best === undefined || value > values[start + best]) best = place
  }
  return best
}
