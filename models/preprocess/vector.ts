import { name, strictShape, whole } from '../../lib/files/shapes'
import type { NumberArray } from '../types/elementType'
import { copyNumbers } from '../types/numberList'
import { aNumberOrFlag, listOf } from './featureKinds'
import { firstRefusal, repeated } from './lists'
import { compileScaling, scalingShape } from './scaling'
import { columnStep } from './step'

/** `{ vector: embedding, length: 384 }`: the list unchanged, one column per item. */
export const vector = columnStep({
  name: 'vector',
  options: strictShape({
    vector: name.describe('A feature that is a list of numbers'),
    length: whole(1).optional().describe("The number of items; default: the feature's length"),
    ...scalingShape,
  }).describe('A column per item: (value - offset) / scale; fill replaces all of them for null'),
  reads: (options) => ({
    features: [{ option: 'vector', name: options.vector, kind: listOf(aNumberOrFlag) }],
  }),
  compile(options, context) {
    const position = context.position(options.vector)
    const declared = context.feature(options.vector).length
    const width =
      options.length ?? declared ?? context.fail(`needs length, here or with feature ${options.vector}`)
    if (declared !== undefined && declared !== width) {
      context.fail(`length must be that of feature ${options.vector}, ${declared}, got ${width}`)
    }
    const { offset: taken = 0, scale = 1 } = options
    const asItIs = taken === 0 && scale === 1
    const { missing, refuse, example } = compileScaling(options.vector, options, context)
    const size = `must have ${width} items`
    const check = (list: unknown) => {
      if (list === null) return undefined
      if ((list as readonly unknown[]).length !== width) return size
      return refuse && firstRefusal(list, (item) => refuse(Number(item)))
    }
    return {
      width,
      demands:
        declared === undefined || refuse !== undefined
          ? [{ feature: position, examples: () => [repeated(example, width)], check }]
          : [],
      write(columns, rows, target, stride, offset) {
        const column = columns[position]
        for (let row = 0, start = offset; row < rows; row++, start += stride) {
          const list = column[row] as readonly unknown[] | null
          if (list === null) target.fill(missing, start, start + width)
          else if (asItIs) copyNumbers(list, width, target, start)
          else writeList(list, width, target, start, taken, scale)
        }
      },
    }
  },
})

function writeList(
  list: readonly unknown[],
  width: number,
  target: NumberArray,
  start: number,
  offset: number,
  scale: number,
): void {
  for (let item = 0; item < width; item++) {
    const value = list[item]
    // Number() turns a Boolean into 0 or 1.
    target[start + item] = ((typeof value === 'number' ? value : Number(value)) - offset) / scale
  }
}
