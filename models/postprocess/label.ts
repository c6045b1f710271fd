import { z } from 'zod'
import { finite, name, strictShape } from '../../lib/files/shapes'
import { isAscending } from '../types/isAscending'
import { printType } from '../types/parseType'
import { labelNames } from './labelNames'
import { outputStep } from './step'

const rising = 'must be increasing numbers, one for each label except the first'

/** `{ label: probability, labels: [APPROVE, REVIEW], from: [0.3] }`: the first below `from[0]`, then the next, ... */
export const label = outputStep({
  name: 'label',
  options: strictShape({
    label: name.describe('An output above that is a number'),
    labels: labelNames.describe('Labels of the ranges, from the lowest to the highest'),
    from: z
      .array(finite, { error: rising })
      .describe('Where the range of each label except the first begins'),
  })
    .refine(({ labels, from }) => from.length === labels.length - 1 && isAscending(from), {
      path: ['from'],
      error: rising,
    })
    .describe('The label of the range that contains a number'),
  reads: (options) => ({ outputs: [{ option: 'label', name: options.label }] }),
  type(options, context) {
    const type = context.output(options.label)
    if (type !== undefined && type.kind !== 'Float' && type.kind !== 'Int') {
      context.fail(`must read a number, got ${options.label}, which is ${printType(type)}`)
    }
    return { kind: 'enum', labels: options.labels }
  },
  compile: ({ label: source, labels, from }) => ({
    build(batch) {
      const numbers = batch.output(source)
      const column: unknown[] = new Array(batch.rows)
      for (let row = 0; row < batch.rows; row++) {
        // The row of a number that is not finite has failed already.
        const value = numbers[row] as number | null
        if (value === null) {
          column[row] = null
          continue
        }
        let place = 0
        while (place < from.length && value >= from[place]) place++
        column[row] = labels[place]
      }
      return column
    },
  }),
})
