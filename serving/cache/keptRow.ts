import { createData, isTensorType } from '../../models/types/elementType'
import type { Tensor, Tensors, TensorType } from '../../models/types/tensor'

/** What a graph answered to one row: the row's part of each output, as it was. */
export interface KeptRow {
  readonly layout: RowLayout
  /** The outputs' parts one after the other, little-endian. */
  readonly bytes: Uint8Array
}

/** Which outputs a graph gave, and in which shape: rows of one layout can stand in one batch again. */
export interface RowLayout {
  /** The same for the same layout. */
  readonly text: string
  readonly outputs: readonly RowOutput[]
  /** Of a row. */
  readonly bytes: number
}

interface RowOutput {
  readonly name: string
  readonly type: TensorType
  /** Dimensions after the rows. */
  readonly dims: readonly number[]
  /** Elements and bytes of a row. */
  readonly items: number
  readonly bytes: number
}

/** Takes the answer of a graph apart: a copy, so that a row does not hold the memory of its batch. */
export function keptRows(tensors: Tensors, rows: number): KeptRow[] {
  const layout = layoutOf(tensors)
  const kept: KeptRow[] = new Array(rows)
  for (let row = 0; row < rows; row++) kept[row] = { layout, bytes: new Uint8Array(layout.bytes) }
  let offset = 0
  for (const { name, bytes } of layout.outputs) {
    const source = bytesOf(tensors[name])
    for (let row = 0; row < rows; row++) copy(source, row * bytes, bytes, kept[row].bytes, offset)
    offset += bytes
  }
  return kept
}

/** The answer that a graph would have given to these rows, which are of one layout. */
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
  return tensors
}

/** The layout of that text; undefined for a text that is none. */
export function layoutFrom(text: string): RowLayout | undefined {
  let layout = layouts.get(text)
  if (layout === undefined) {
    layout = readLayout(text)
    if (layout === undefined) return undefined
    // Graphs whose outputs are as wide as the longest row of a batch have many.
    if (layouts.size >= mostLayouts) layouts.clear()
    layouts.set(text, layout)
  }
  return layout
}

const layouts = new Map<string, RowLayout>()
const mostLayouts = 1024

type OutputText = readonly [name: string, type: string, ...dims: number[]]

function layoutOf(tensors: Tensors): RowLayout {
  const outputs = Object.entries(tensors).map(([name, { type, dims }]) => [name, type, ...dims.slice(1)])
  return layoutFrom(JSON.stringify(outputs))!
}

function readLayout(text: string): RowLayout | undefined {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Array.isArray(read) || read.length === 0 || !read.every(isOutputText)) return undefined
  const outputs = read.map(([name, type, ...dims]) => {
    const items = dims.reduce((product, dim) => product * dim, 1)
    const bytes = items * createData(type as TensorType, 0).BYTES_PER_ELEMENT
    return { name, type: type as TensorType, dims, items, bytes }
  })
  return { text, outputs, bytes: outputs.reduce((sum, { bytes }) => sum + bytes, 0) }
}

function isOutputText(value: unknown): value is OutputText {
  if (!Array.isArray(value)) return false
  const [name, type, ...dims] = value as readonly unknown[]
  if (typeof name !== 'string' || typeof type !== 'string' || !isTensorType(type)) return false
  return dims.every((dim) => Number.isSafeInteger(dim) && (dim as number) >= 0)
}

function bytesOf({ data }: Tensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** Rows are mostly a few numbers, for which a call of the engine costs more than a loop. */
function copy(source: Uint8Array, from: number, bytes: number, target: Uint8Array, at: number): void {
  if (bytes > 32) target.set(source.subarray(from, from + bytes), at)
  else for (let i = 0; i < bytes; i++) target[at + i] = source[from + i]
}
