import { readJson } from '../../lib/readJson'
import type { Tensors, TextTensor } from '../../models/types/tensor'

/** An output of text in the layout of a row. */
export interface RowTexts {
  readonly name: string
  /** The dimensions after the rows, and the number of texts per row. */
  readonly dims: readonly number[]
  readonly items: number
}

interface TextRow {
  /** `bytes`: the length of what comes before the text. */
  readonly layout: { readonly texts: readonly RowTexts[]; readonly bytes: number }
  readonly bytes: Uint8Array
}

/** Appends the text of each row to its numbers, as one JSON array of all outputs. */
export function appendTexts<Row extends TextRow>(rows: readonly Row[], tensors: Tensors): Row[] {
  return rows.map((kept, row) => {
    const { layout, bytes } = kept
    const texts = layout.texts.flatMap(({ name, items }) => {
      return (tensors[name] as TextTensor).data.slice(row * items, (row + 1) * items)
    })
    const tail = Buffer.from(JSON.stringify(texts))
    const whole = new Uint8Array(bytes.length + tail.length)
    whole.set(bytes)
    whole.set(tail, bytes.length)
    return { ...kept, bytes: whole }
  })
}

/** The texts of a row whose layout has some; undefined if the bytes do not hold them. */
export function textsOf({ layout, bytes }: TextRow): readonly string[] | undefined {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const texts = readJson(all.toString('utf8', layout.bytes))
  const count = layout.texts.reduce((sum, { items }) => sum + items, 0)
  if (!Array.isArray(texts) || texts.length !== count) return undefined
  return texts.every((text) => typeof text === 'string') ? texts : undefined
}

/** The tensor of one output; `ofRows` has the texts of all outputs by row. */
export function textTensor(
  output: RowTexts,
  outputs: readonly RowTexts[],
  ofRows: readonly (readonly string[])[],
): TextTensor {
  const { dims, items } = output
  let from = 0
  for (let at = 0; outputs[at] !== output; at++) from += outputs[at].items
  const data = ofRows.flatMap((texts) => texts.slice(from, from + items))
  return { type: 'string', dims: [ofRows.length, ...dims], data }
}
