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
