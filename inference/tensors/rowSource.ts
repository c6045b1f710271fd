import { createData } from '../../models/types/elementType'
import type { Tensor, Tensors, TensorType } from '../../models/types/tensor'
import { bytesOf, elementBytes, typeOf } from '../../workers/protocol/datatypes'
import { type WireTensor, wireTensor } from '../../workers/protocol/wireTensor'

/** The input tensors of one request, cut by rows. Tensors stay as they came; nothing is copied before a batch is built. */
export interface RowSource {
  readonly rows: number
  readonly tensors: readonly SourceTensor[]
}

export type SourceTensor = NumberSource | TextSource

interface NumberSource {
  readonly name: string
  readonly type: TensorType
  /** The dimensions after the first. */
  readonly tail: readonly number[]
  readonly rowBytes: number
  readonly bytes: Uint8Array
}

interface TextSource {
  readonly name: string
  readonly type: 'string'
  readonly tail: readonly number[]
  readonly rowTexts: number
  readonly texts: readonly string[]
}

/** The rows of tensors that were checked: all have the same first dimension, from 1 on. */
export function rowSource(tensors: readonly WireTensor[]): RowSource {
  const rows = tensors[0].shape[0]
  return {
    rows,
    tensors: tensors.map(({ name, datatype, shape, data }) => {
      const type = typeOf(datatype)!
      const tail = shape.slice(1)
      return type === 'string'
        ? { name, type, tail, rowTexts: data.length / rows, texts: data as readonly string[] }
        : { name, type, tail, rowBytes: data.length / rows, bytes: data as Uint8Array }
    }),
  }
}

export function rowSourceOf(tensors: Tensors): RowSource {
  return rowSource(Object.entries(tensors).map(([name, tensor]) => wireTensor(name, tensor)))
}

/** Consecutive rows of one source. */
export interface Run {
  readonly source: RowSource
  readonly from: number
  readonly rows: number
}

/** Joins rows into the tensors of one batch, in buffers of their own. All sources have the same names and dimensions. */
export function joinRuns(runs: readonly Run[], rows: number): Tensors {
  const joined: Record<string, Tensor> = {}
  runs[0].source.tensors.forEach((first, at) => {
    const dims = [rows, ...first.tail]
    joined[first.name] =
      first.type === 'string'
        ? { type: 'string', dims, data: joinTexts(runs, at) }
        : { type: first.type, dims, data: joinNumbers(first, runs, at, rows) }
  })
  return joined
}

function joinNumbers({ type, rowBytes }: NumberSource, runs: readonly Run[], at: number, rows: number) {
  const data = createData(type, (rows * rowBytes) / elementBytes(type))
  const target = bytesOf(data)
  let to = 0
  for (const { source, from, rows: count } of runs) {
    const { bytes } = source.tensors[at] as NumberSource
    const length = count * rowBytes
    target.set(
      length === bytes.length ? bytes : bytes.subarray(from * rowBytes, from * rowBytes + length),
      to,
    )
    to += length
  }
  return data
}

function joinTexts(runs: readonly Run[], at: number): readonly string[] {
  return runs.flatMap(({ source, from, rows }) => {
    const { texts, rowTexts } = source.tensors[at] as TextSource
    return texts.slice(from * rowTexts, (from + rows) * rowTexts)
  })
}
