import { memoizedUpTo } from '../../lib/memoized'
import { readJson } from '../../lib/readJson'
import { createData, isTensorType } from '../../models/types/elementType'
import type { NumberTensor, Tensor, Tensors, TensorType } from '../../models/types/tensor'
import { appendTexts, type RowTexts, textsOf, textTensor } from './keptTexts'

/** A graph's answer to one row: the row's part of each output, unchanged. */
export interface KeptRow {
  readonly layout: RowLayout
  /** The parts of the number outputs one after the other, little-endian; then the text. */
  readonly bytes: Uint8Array
}

/** The outputs of a graph and their shapes. Rows with the same layout can be joined to a batch again. */
export interface RowLayout {
  /** Equal for equal layouts. */
  readonly text: string
  readonly outputs: readonly RowOutput[]
  readonly texts: readonly RowTexts[]
  /** Bytes of a row without its text. */
  readonly bytes: number
}

interface RowOutput {
  readonly name: string
  readonly type: TensorType
  /** The dimensions after the first, which is the rows. */
  readonly dims: readonly number[]
  /** Elements and bytes of a row. */
  readonly items: number
  readonly bytes: number
}

/** Splits a graph's answer into rows. Copies them, so that a row does not keep the memory of its batch. */
export function keptRows(tensors: Tensors, rows: number): KeptRow[] {
  const layout = layoutOf(tensors)
  const kept: KeptRow[] = new Array(rows)
  for (let row = 0; row < rows; row++) kept[row] = { layout, bytes: new Uint8Array(layout.bytes) }
  let offset = 0
  for (const { name, bytes } of layout.outputs) {
    const source = bytesOf(tensors[name] as NumberTensor)
    for (let row = 0; row < rows; row++) copy(source, row * bytes, bytes, kept[row].bytes, offset)
    offset += bytes
  }
  return layout.texts.length === 0 ? kept : appendTexts(kept, tensors)
}

/** Joins rows of one layout to the answer that a graph would have given for all of them. */
export function tensorsOf(rows: readonly KeptRow[]): Tensors {
  const tensors: Record<string, Tensor> = {}
  let offset = 0
  for (const { name, type, dims, items, bytes } of rows[0].layout.outputs) {
    const tensor = { type, dims: [rows.length, ...dims], data: createData(type, rows.length * items) }
    const target = bytesOf(tensor)
    for (let row = 0; row < rows.length; row++) copy(rows[row].bytes, offset, bytes, target, row * bytes)
    tensors[name] = tensor
    offset += bytes
  }
  const { texts } = rows[0].layout
  if (texts.length > 0) {
    const ofRows = rows.map((row) => textsOf(row) ?? [])
    for (const output of texts) tensors[output.name] = textTensor(output, texts, ofRows)
  }
  return tensors
}

/** A graph whose outputs are as wide as the longest row of a batch has many. */
const mostLayouts = 1024

/** The layout with this text; undefined for invalid text. */
export const layoutFrom = memoizedUpTo(mostLayouts, readLayout)

type OutputText = readonly [name: string, type: string, ...dims: number[]]

function layoutOf(tensors: Tensors): RowLayout {
  const outputs = Object.entries(tensors).map(([name, { type, dims }]) => [name, type, ...dims.slice(1)])
  return layoutFrom(JSON.stringify(outputs))!
}

function readLayout(text: string): RowLayout | undefined {
  const read = readJson(text)
  if (!Array.isArray(read) || read.length === 0 || !read.every(isOutputText)) return undefined
  const outputs: RowOutput[] = []
  const texts: RowTexts[] = []
  for (const [name, type, ...dims] of read) {
    const items = dims.reduce((product, dim) => product * dim, 1)
    if (type === 'string') texts.push({ name, dims, items })
    else {
      const bytes = items * createData(type as TensorType, 0).BYTES_PER_ELEMENT
      outputs.push({ name, type: type as TensorType, dims, items, bytes })
    }
  }
  return { text, outputs, texts, bytes: outputs.reduce((sum, { bytes }) => sum + bytes, 0) }
}

function isOutputText(value: unknown): value is OutputText {
  if (!Array.isArray(value)) return false
  const [name, type, ...dims] = value as readonly unknown[]
  if (typeof name !== 'string' || typeof type !== 'string') return false
  if (type !== 'string' && !isTensorType(type)) return false
  return dims.every((dim) => Number.isSafeInteger(dim) && (dim as number) >= 0)
}

function bytesOf({ data }: NumberTensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** Most rows are a few numbers, which a loop copies faster than a call of `set`. */
function copy(source: Uint8Array, from: number, bytes: number, target: Uint8Array, at: number): void {
  if (bytes > 32) target.set(source.subarray(from, from + bytes), at)
  else for (let i = 0; i < bytes; i++) target[at + i] = source[from + i]
}
