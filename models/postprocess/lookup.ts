import { z } from 'zod'
import { name, strictShape, text, whole } from '../../lib/files/shapes'
import { isFloat } from '../types/elementType'
import type { ValueType } from '../types/valueType'
import { outputStep } from './step'

/**
 * `{ lookup: titles, vocabulary: titles, first: 1 }`: the vocabulary's entries for the graph's indexes. An index
 * outside the vocabulary, including padding, fails its row: leaving it out would shift the list against its scores.
 */
export const lookup = outputStep({
  name: 'lookup',
  options: strictShape({
    lookup: text.describe('An output of the graph that holds indexes'),
    vocabulary: name.describe('One of the vocabularies'),
    first: whole(0).optional().describe('The index of the first entry; default: 0'),
    type: z
      .enum(['ID', 'String'], { error: 'must be ID or String' })
      .optional()
      .describe('Default: ID; String for a vocabulary of words'),
  }).describe('The entries of a vocabulary at indexes'),
  reads: (options) => ({
    graph: [options.lookup],
    vocabularies: [{ option: 'vocabulary', name: options.vocabulary }],
  }),
  type(options, context) {
    const output = context.graph(options.lookup)
    const entry: ValueType = { kind: options.type ?? 'ID' }
    if (output === undefined) return undefined
    return output.list ? { kind: 'list', of: entry } : entry
  },
  compile(options, context) {
    const { type, list } = context.graph(options.lookup)
    if (isFloat(type) || type === 'bool') {
      context.fail(`must read whole numbers such as int64, got ${type} from ${options.lookup}`)
    }
    const { first = 0, vocabulary } = options
    const entries = context.vocabulary(vocabulary).entries
    const values = options.type === 'String' ? entries.map(String) : entries
    const expectation = `must be an index of vocabulary ${vocabulary}, ${first} to ${first + values.length - 1}`
    return {
      build(batch) {
        const { values: indexes, exact, width, starts } = batch.numbers(options.lookup)
        const column: unknown[] = new Array(batch.rows)
        for (let row = 0; row < batch.rows; row++) {
          const from = starts[row]
          const found: unknown[] = new Array(width)
          column[row] = list ? found : null
          for (let place = 0; place < width; place++) {
            const entry = values[indexes[from + place] - first]
            if (entry === undefined) {
              batch.fail(row, expectation, exact[from + place])
              column[row] = null
              break
            }
            if (list) found[place] = entry
            else column[row] = entry
          }
        }
        return column
      },
    }
  },
})
