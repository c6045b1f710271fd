import { z } from 'zod'
import { name, strictShape } from '../../lib/files/shapes'
import { textFault } from '../types/textFault'
import { categoriesShape, compileCategories, refuseUnknownFill } from './categories'
import { anId } from './featureKinds'
import { demandOf, textStep, unlessNull } from './step'

/**
 * `{ text: job, fill: "" }`: the value itself, for a tensor of text; whole numbers as their digits. Null becomes
 * `fill`. A nullable feature needs it, since only the model's author knows which text means a missing value. With
 * `categories` any other text is refused, for graphs that fail on unknown text and would fail the whole batch.
 */
export const text = textStep({
  name: 'text',
  options: strictShape({
    text: name.describe('A feature that is a text, id or label'),
    fill: z
      .string({ error: 'must be text' })
      .superRefine((fill, context) => {
        const message = textFault(fill)
        if (message !== undefined) context.addIssue({ code: 'custom', message })
      })
      .optional()
      .describe('Replaces null, such as ""'),
    categories: categoriesShape.categories
      .optional()
      .describe('The only texts that the graph accepts, if it fails for others'),
  })
    .superRefine(refuseUnknownFill)
    .describe('One column of a tensor of text: the value itself'),
  reads: (options) => ({ features: [{ option: 'text', name: options.text, kind: anId }] }),
  compile({ text: feature, fill, categories = [] }, context) {
    const position = context.position(feature)
    if (fill === undefined && context.feature(feature).nullable)
      context.fail(`needs fill, since no text stands for null and feature ${feature} may be null`)
    const missing = fill ?? ''
    const refuse = categories.length > 0 ? compileCategories({ categories }).refuse : undefined
    return {
      demands: [
        { feature: position, examples: () => [''], check: fault },
        ...demandOf(position, unlessNull(refuse), () => categories),
      ],
      write(columns, rows, target, stride, offset) {
        const column = columns[position]
        for (let row = 0, at = offset; row < rows; row++, at += stride) {
          const value = column[row]
          target[at] = value === null ? missing : String(value)
        }
      },
    }
  },
})

/** Null and numbers are none. */
function fault(value: unknown): string | undefined {
  return typeof value === 'string' ? textFault(value) : undefined
}
