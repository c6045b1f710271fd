import { createData } from '../../models/types/elementType'
import type { Tensor, Tensors, TensorType } from '../../models/types/tensor'
import { bytesOf, elementBytes, typeOf } from '../../workers/protocol/datatypes'
import { type WireTensor, wireTensor } from '../../workers/protocol/wireTensor'

/** The input tensors of one request, cut by rows. Tensors stay as they came; nothing is copied before a batch is built. */
export interface RowSource {
  readonly rows: number
  readonly tensors: readonly SourceTensor[]
}

interface SourceTensor {
  readonly name: string
  readonly type: TensorType | 'string'
  /** The dimensions after the first. */
  readonly tail: readonly number[]
  /** How many texts, or bytes of numbers, a row has. */
  readonly rowLength: number
  readonly data: WireTensor['data']
}

/** The rows of tensors that were checked: all have the same first dimension, from 1 on. */
export function rowSource(tensors: readonly WireTensor[]): RowSource {
  const rows = tensors[0].shape[0]
  return {
    rows,
    tensors: tensors.map(({ name, datatype, shape, data }) => ({
      name,
      type: typeOf(datatype)!,
      tail: shape.slice(1),
      rowLength: data.length / rows,
      data,
    })),
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
  runs[0].source.tensors.forEach(({ name, type, tail, rowLength }, at) => {
    const dims = [rows, ...tail]
    joined[name] =
      type === 'string'
        ? { type, dims, data: joinTexts(runs, at) }
        : { type, dims, data: joinNumbers(type, rowLength, runs, at, rows) }
  })
  return joined
}

function joinNumbers(type: TensorType, rowBytes: number, runs: readonly Run[], at: number, rows: number) {
  const data = createData(type, (rows * rowBytes) / elementBytes(type))
  const target = bytesOf(data)
  let to = 0
  for (const { source, from, rows: count } of runs) {
    const bytes = source.tensors[at].data as Uint8Array
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
    const { data, rowLength } = source.tensors[at]
    return (data as readonly string[]).slice(from * rowLength, (from + rows) * rowLength)
  })
}
