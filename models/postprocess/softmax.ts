import { strictShape, text } from '../../lib/files/shapes'
import { buildChanged, itemShape, numbersType } from './graphNumbers'
import { outputStep } from './step'

/** `{ softmax: logits }`: `e^x / sum` over each row's list; `item: 1` takes one class. */
export const softmax = outputStep({
  name: 'softmax',
  options: strictShape({
    softmax: text.describe('An output of the graph that is a list'),
    ...itemShape,
  }).describe("e^x divided by the sum over the row's list"),
  reads: (options) => ({ graph: [options.softmax] }),
  type(options, context) {
    const output = context.graph(options.softmax)
    if (output === undefined) {
      return options.item === undefined ? { kind: 'list', of: { kind: 'Float' } } : { kind: 'Float' }
    }
    if (!output.list) context.fail(`must read a list, got one value a row from ${output.name}`)
    return numbersType(output, options.item, context)
  },
  compile: ({ softmax: name, item }, context) => buildChanged(name, item, context, softmaxOf),
})

/** Subtracts each row's maximum first, so that no e^x overflows. */
function softmaxOf(values: ArrayLike<number>, width: number): Float64Array {
  const results = new Float64Array(values.length)
  for (let start = 0; start < values.length; start += width) {
    let highest = -Infinity
    for (let at = start; at < start + width; at++) highest = Math.max(highest, values[at])
    let sum = 0
    for (let at = start; at < start + width; at++) {
      results[at] = Math.exp(values[at] - highest)
      sum += results[at]
    }
    for (let at = start; at < start + width; at++) results[at] /= sum
  }
  return results
}
