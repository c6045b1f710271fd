import { strictShape, text } from '../../lib/files/shapes'
import { buildChanged, itemShape, numbersType } from './graphNumbers'
import { outputStep } from './step'

/** `{ sigmoid: logit }`: `1 / (1 + e^-x)` of each number. */
export const sigmoid = outputStep({
  name: 'sigmoid',
  options: strictShape({ sigmoid: text.describe('An output of the graph'), ...itemShape }).describe(
    '1 / (1 + e^-x) of each number',
  ),
  reads: (options) => ({ graph: [options.sigmoid] }),
  type(options, context) {
    if (options.item !== undefined) return { kind: 'Float' }
    const output = context.graph(options.sigmoid)
    return output && numbersType(output, options.item, context)
  },
  compile: ({ sigmoid: name, item }, context) => buildChanged(name, item, context, sigmoidOf),
})

function sigmoidOf(values: ArrayLike<number>): Float64Array {
  const results = new Float64Array(values.length)
  for (let at = 0; at < values.length; at++) results[at] = 1 / (1 + Math.exp(-values[at]))
  return results
}
