import { strictShape, text } from '../../lib/files/shapes'
import { buildNumbers, checkItem, itemShape, numbersType } from './graphNumbers'
import { outputStep } from './step'

/** `{ column: scores }`: a graph output as it is; `item: 1` takes one of a list. */
export const column = outputStep({
  name: 'column',
  options: strictShape({ column: text.describe('An output of the graph'), ...itemShape }).describe(
    'An output of the graph as it is',
  ),
  reads: (options) => ({ graph: [options.column] }),
  type(options, context) {
    const output = context.graph(options.column)
    return output && numbersType(output, options.item, context)
  },
  compile(options, context) {
    const output = context.graph(options.column)
    checkItem(output, options.item, context.fail)
    return buildNumbers(output, options.item)
  },
})
