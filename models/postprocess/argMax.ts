import { strictShape, text } from '../../lib/files/shapes'
import { safeRange } from '../types/elementType'
import type { ClassLabels } from '../types/tensor'
import { labelNames } from './labelNames'
import { type OutputBatch, type OutputNumbers, outputStep } from './step'

/**
 * `{ argMax: logits, labels: [CAT, DOG] }`: the label of the highest number, the first among equals. Without `labels`
 * it is the graph's own label, or the index from 0 if the graph has no labels.
 */
export const argMax = outputStep({
  name: 'argMax',
  options: strictShape({
    argMax: text.describe('An output of the graph that is a list'),
    labels: labelNames
      .optional()
      .describe("One label per number; default: the graph's labels, else the index from 0"),
  }).describe('The label or index of the highest number of the list'),
  reads: (options) => ({ graph: [options.argMax] }),
  type(options, context) {
    const output = context.graph(options.argMax)
    if (output !== undefined && !output.list)
      context.fail(`must read a list, got one value a row from ${output.name}`)
    if (options.labels) return { kind: 'enum', labels: options.labels }
    if (output === undefined) return undefined
    return { kind: output.classes?.some((label) => typeof label === 'string') ? 'String' : 'Int' }
  },
  compile({ argMax: name, labels: own }, context) {
    const { width: fixed, classes } = context.graph(name)
    const labels = own ?? labelsOf(classes)
    if (labels && fixed !== undefined && labels.length !== fixed) {
      context.fail(`labels must be ${fixed}, one per number of ${name}, got ${labels.length}`)
    }
    return {
      build(batch) {
        const numbers = batch.numbers(name)
        const column: unknown[] = new Array(batch.rows)
        for (let row = 0; row < batch.rows; row++) {
          const place = highestPlace(numbers, row, batch)
          column[row] = place !== null && labels ? (labels[place] ?? null) : place
          if (place !== null && column[row] === null) {
            batch.fail(row, `must be one of ${labels?.length} labels`, place)
          }
        }
        return column
      },
    }
  },
})

/** The graph's labels; all as text if one of them is, since an output has one type. */
function labelsOf(classes: ClassLabels | undefined): ClassLabels | undefined {
  return classes?.some((label) => typeof label === 'string') ? classes.map(String) : classes
}

/** Null, and the row fails, if there is no number or one of them is not finite. */
function highestPlace(
  { values, exact, width, starts }: OutputNumbers,
  row: number,
  batch: OutputBatch,
): number | null {
  const start = starts[row]
  let best = 0
  for (let place = 0; place < width; place++) {
    const value = values[start + place]
    if (!Number.isFinite(value)) {
      const got = exact[start + place]
      if (typeof got === 'bigint') batch.fail(row, `must be made of whole numbers ${safeRange}`, got)
      else batch.fail(row, 'must be made of finite numbers', value)
      return null
    }
    if (value > values[start + best]) best = place
  }
  if (width > 0) return best
  batch.fail(row, 'must be made of numbers', [])
  return null
}
