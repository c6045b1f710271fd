import type { ValueType } from '../types/valueType'
import { itemType } from './graphNumbers'
import type { GraphOutput, OutputStep, TypeContext } from './step'

/** The type of text from the graph: a list for `[batch, n]`, unless `item` takes one item. */
export function textsType(
  output: GraphOutput<'string'>,
  item: number | undefined,
  labels: readonly string[] | undefined,
  { fail }: Pick<TypeContext, 'fail'>,
): ValueType {
  return itemType(output, item, labels === undefined ? { kind: 'String' } : { kind: 'enum', labels }, fail)
}

/** Builds an output of the graph's text. A row with text that is not in `labels`, if given, fails. */
export function buildTexts(
  { name, list }: GraphOutput<'string'>,
  item: number | undefined,
  labels: readonly string[] | undefined,
): OutputStep {
  const isList = list && item === undefined
  const allowed = labels && new Set(labels)
  const expectation = `must be one of ${labels?.join(', ')}`
  return {
    build(batch) {
      const { values, width, starts } = batch.texts(name)
      const textAt = (row: number, place: number): string | null => {
        const text = place < width ? values[starts[row] + place] : undefined
        if (text !== undefined && (allowed === undefined || allowed.has(text))) return text
        batch.fail(row, text === undefined ? `must have an item ${place}` : expectation, text ?? width)
        return null
      }
      const column: unknown[] = new Array(batch.rows)
      for (let row = 0; row < batch.rows; row++) {
        column[row] = isList ? listOf(row, width, textAt) : textAt(row, item ?? 0)
      }
      return column
    },
  }
}

function listOf(
  row: number,
  width: number,
  textAt: (row: number, place: number) => string | null,
): readonly string[] | null {
  const list: string[] = []
  for (let place = 0; place < width; place++) {
    const text = textAt(row, place)
    if (text === null) return null
    list.push(text)
  }
  return list
}
