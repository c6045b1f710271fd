import { z } from 'zod'
import { strictShape, text } from '../../lib/files/shapes'
import { buildNumbers, checkItem, itemShape, numbersType } from './graphNumbers'
import { buildTexts, textsType } from './graphTexts'
import { labelNames } from './labelNames'
import { type AnyOutput, outputStep } from './step'

/**
 * `{ column: scores }`: a graph output unchanged. `item: 1` takes one item of a list, `class: APPROVE` the item with
 * that label in the graph. `labels` makes an enum of an output of text, and lists its values.
 */
export const column = outputStep({
  name: 'column',
  options: strictShape({
    column: text.describe('An output of the graph'),
    ...itemShape,
    class: z
      .union([z.string(), z.int()], { error: 'must be the label of a class, text or a whole number' })
      .optional()
      .describe('Only the item of this class, if the graph has class labels'),
    labels: labelNames.optional().describe('The possible values of a text output, to make it an enum'),
  })
    .refine(({ item, class: label }) => item === undefined || label === undefined, {
      path: ['class'],
      error: 'must not be combined with item',
    })
    .describe('An output of the graph, unchanged'),
  reads: (options) => ({ graph: [options.column] }),
  type(options, context) {
    const output = context.value(options.column)
    if (output === undefined) return undefined
    const item = itemOf(output, options, context.fail)
    if (output.type === 'string') return textsType(output, item, options.labels, context)
    if (options.labels !== undefined)
      context.fail(`labels must be for text, got ${output.type} from ${output.name}`)
    return numbersType(output, item, context)
  },
  compile(options, context) {
    const output = context.value(options.column)
    const item = itemOf(output, options, context.fail)
    checkItem(output, item, context.fail)
    return output.type === 'string' ? buildTexts(output, item, options.labels) : buildNumbers(output, item)
  },
})

/** The index in the list that `item` or `class` asks for; undefined for the whole list. */
function itemOf(
  { name, classes }: AnyOutput,
  options: { readonly item?: number; readonly class?: string | number },
  fail: (message: string) => never,
): number | undefined {
  const { class: label } = options
  if (label === undefined) return options.item
  if (classes === undefined)
    return fail(`class needs labels, which the graph does not have for ${name}; use item`)
  const place = classes.findIndex((known) => String(known) === String(label))
  return place >= 0 ? place : fail(`class must be one of ${classes.join(', ')}, got ${label}`)
}
