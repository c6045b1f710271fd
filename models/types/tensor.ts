export type TensorType =
  | 'float32'
  | 'float64'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool'

export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array

/** Row-major values of `dims`; the first dimension counts the rows of the batch. */
export type Tensor = NumberTensor | TextTensor

export interface NumberTensor {
  readonly type: TensorType
  readonly dims: readonly number[]
  readonly data: TensorData
}

export interface TextTensor {
  readonly type: 'string'
  readonly dims: readonly number[]
  readonly data: readonly string[]
}

/** Tensors by the graph's input or output name. */
export type Tensors = Readonly<Record<string, Tensor>>

/**
 * The signature of one input or output of an ONNX graph. A dimension is a number if it is fixed, else its name (or '').
 */
export interface TensorSignature {
  readonly name: string
  /** The runtime's name of the element type, including types that we refuse ('float16', 'sequence', ...). */
  readonly type: string
  readonly shape: readonly (number | string)[]
  /** The class labels of the columns, in order, if the graph has them. */
  readonly classes?: ClassLabels
}

export type ClassLabels = readonly (string | number)[]

export interface GraphSignature {
  readonly inputs: readonly TensorSignature[]
  readonly outputs: readonly TensorSignature[]
}

/** The number of rows: the first dimension of any tensor. */
export function rowsOf(tensors: Tensors): number {
  for (const name in tensors) return tensors[name].dims[0]
  return 0
}

/** `count` rows of tensors with `rows` rows, from row `from` on, as views. */
export function viewRows(outputs: Tensors, rows: number, from: number, count: number): Tensors {
  const views: Record<string, Tensor> = {}
  for (const name in outputs) {
    const tensor = outputs[name]
    const width = tensor.data.length / rows
    const dims = [count, ...tensor.dims.slice(1)]
    const start = from * width
    const end = start + count * width
    views[name] =
      tensor.type === 'string'
        ? { type: tensor.type, dims, data: tensor.data.slice(start, end) }
        : { type: tensor.type, dims, data: tensor.data.subarray(start, end) as TensorData }
  }
  return views
}
