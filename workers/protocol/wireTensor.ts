import type { Tensor } from '../../models/types/tensor'
import { bytesOf, dataOf, datatypeOf, elementBytes, elementCount, typeOf } from './datatypes'
import { noParameters, type Parameters } from './parameters'
import { rawTexts, textsOf } from './texts'

/** A tensor as it travels: numbers as little-endian bytes, perhaps a view at any offset; BYTES as texts. */
export interface WireTensor {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly number[]
  readonly parameters: Parameters
  readonly data: Uint8Array | readonly string[]
}

/** A tensor of a request. Its data is not read before somebody asks for it, who knows by then that all else fits. */
export class SentTensor implements WireTensor {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly number[]
  readonly parameters: Parameters
  private known: WireTensor['data'] | undefined

  constructor(
    head: Omit<WireTensor, 'data'>,
    /** Throws a RangeError, or `BAD_REQUEST`. */
    private readonly read: () => WireTensor['data'],
  ) {
    this.name = head.name
    this.datatype = head.datatype
    this.shape = head.shape
    this.parameters = head.parameters
  }

  get data(): WireTensor['data'] {
    this.known ??= this.read()
    return this.known
  }
}

export interface RequestedOutput {
  readonly name: string
  readonly parameters: Parameters
}

/** A request for inference, whichever way it came. */
export interface InferRequest {
  readonly model: string
  /** Empty if the server may choose. */
  readonly version: string
  readonly id: string
  readonly parameters: Parameters
  readonly inputs: readonly WireTensor[]
  /** Empty for all outputs. */
  readonly outputs: readonly RequestedOutput[]
  /** Instead of inputs, the data of the only one, whose type and shape follow from the model. */
  readonly raw?: Buffer
}

export interface InferResponse {
  readonly model: string
  readonly version: string
  readonly id: string
  readonly parameters: Parameters
  readonly outputs: readonly WireTensor[]
}

/** A tensor of ours as it travels, without a copy of numbers. */
export function wireTensor(name: string, { type, dims, data }: Tensor): WireTensor {
  return {
    name,
    datatype: datatypeOf(type),
    shape: dims,
    parameters: noParameters,
    data:
      type === 'string'
        ? (data as readonly string[])
        : bytesOf(data as Exclude<typeof data, readonly string[]>),
  }
}

/** A tensor that travelled as one of ours, with a copy of numbers. Call for tensors that `tensorFault` passed. */
export function plainTensor({ datatype, shape, data }: WireTensor): Tensor {
  const type = typeOf(datatype)!
  return type === 'string'
    ? { type, dims: shape, data: data as readonly string[] }
    : { type, dims: shape, data: dataOf(type, data as Uint8Array) }
}

/** The bytes of a tensor as they stand in raw contents; only texts are copied. */
export function rawBytes({ data }: WireTensor): Uint8Array {
  return data instanceof Uint8Array ? data : rawTexts(data as readonly string[])
}

/** The data of a tensor from raw contents: texts if its elements are BYTES. Throws a RangeError. */
export function rawData(
  { datatype, shape }: Pick<WireTensor, 'datatype' | 'shape'>,
  bytes: Uint8Array,
): WireTensor['data'] {
  return datatype === 'BYTES' ? textsOf(bytes, elementCount(shape)) : bytes
}

/** What a shape must hold. */
export const sizes = `whole numbers from 0 to ${Number.MAX_SAFE_INTEGER}`

/** Why a tensor is not what it says of itself; undefined if it is. Throws `BAD_REQUEST` as reading its data does. */
export function tensorFault(tensor: WireTensor): string | undefined {
  const { datatype, shape } = tensor
  const type = typeOf(datatype)
  if (type === undefined) return `datatype: must be one that models take, got ${datatype}`
  const odd = shape.find((size) => !Number.isSafeInteger(size) || size < 0)
  if (odd !== undefined) return `shape: must hold ${sizes}, got ${odd}`
  const count = elementCount(shape)
  let data: WireTensor['data']
  try {
    data = tensor.data
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return `data: ${error.message}`
  }
  const of = `[${shape.join(', ')}]`
  if (type === 'string')
    return data.length === count
      ? undefined
      : `data: must hold ${count} elements for ${of}, got ${data.length}`
  const bytes = count * elementBytes(type)
  if (data.length === bytes) return undefined
  return `data: must hold ${bytes} bytes for ${datatype} ${of}, got ${data.length}`
}
