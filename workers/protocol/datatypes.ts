import { createData } from '../../models/types/elementType'
import type { TensorData, TensorType } from '../../models/types/tensor'

/** The names of the Open Inference Protocol for our tensors' types. FP16 and BF16 are absent: no tensor of ours has them. */
const datatypes: Readonly<Record<TensorType | 'string', string>> = {
  bool: 'BOOL',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float32: 'FP32',
  float64: 'FP64',
  string: 'BYTES',
}

const types = new Map(
  Object.entries(datatypes).map(([type, datatype]) => [datatype, type as TensorType | 'string']),
)

/** The protocol's name of a tensor type; a type that the protocol lacks keeps its own. */
export function datatypeOf(type: string): string {
  return Object.hasOwn(datatypes, type) ? datatypes[type as TensorType] : type
}

/** The tensor type of a datatype; undefined if there is none. */
export function typeOf(datatype: string): TensorType | 'string' | undefined {
  return types.get(datatype)
}

/** How many bytes an element takes. */
export function elementBytes(type: TensorType): number {
  return createData(type, 0).BYTES_PER_ELEMENT
}

/** Copies little-endian elements, which may start at any byte, into a typed array of their own. */
export function dataOf(type: TensorType, bytes: Uint8Array): TensorData {
  const data = createData(type, bytes.byteLength / elementBytes(type))
  bytesOf(data).set(bytes)
  return data
}

/** The bytes of a typed array, without a copy. They are little-endian, as on every platform of the runtime. */
export function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** How many elements a tensor of this shape has. */
export function elementCount(shape: readonly number[]): number {
  let count = 1
  for (const size of shape) count *= size
  return count
}
