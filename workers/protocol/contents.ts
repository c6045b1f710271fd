import { createData } from '../../models/types/elementType'
import { bytesOf, dataOf, elementCount, typeOf } from './datatypes'
import type { ProtoReader } from './protoReader'
import { ProtoWriter } from './protoWriter'
import { decodeText, tooMany } from './texts'
import type { WireTensor } from './wireTensor'

/** By number, the fields of InferTensorContents: the name, and the datatypes whose elements it holds. */
const contents: readonly (readonly string[])[] = [
  [''],
  ['bool_contents', 'BOOL'],
  ['int_contents', 'INT8', 'INT16', 'INT32'],
  ['int64_contents', 'INT64'],
  ['uint_contents', 'UINT8', 'UINT16', 'UINT32'],
  ['uint64_contents', 'UINT64'],
  ['fp32_contents', 'FP32'],
  ['fp64_contents', 'FP64'],
  ['bytes_contents', 'BYTES'],
]
const fields = new Map(contents.flatMap(([, ...datatypes], field) => datatypes.map((one) => [one, field])))

/** Whether a message of contents holds elements. */
export function hasElements(message: ProtoReader): boolean {
  while (message.next()) {
    if (isElements(message.field)) return true
    message.skip()
  }
  return false
}

/**
 * The data of a tensor that came with contents: packed pieces, or single elements. Throws a RangeError if they are not of
 * its datatype, or more than its shape says.
 */
export function contentsData(
  { datatype, shape }: Pick<WireTensor, 'datatype' | 'shape'>,
  message: ProtoReader | undefined,
): WireTensor['data'] {
  const type = typeOf(datatype)
  const expected = fields.get(datatype)
  if (type === undefined || expected === undefined)
    throw new RangeError(`datatype ${datatype} needs raw contents`)
  const most = elementCount(shape)
  const pieces: Buffer[] = []
  const values: (number | bigint)[] = []
  while (message?.next()) {
    const { field } = message
    if (!isElements(field)) {
      message.skip()
      continue
    }
    if (field !== expected)
      throw new RangeError(
        `contents of ${datatype} must be in ${contents[expected][0]}, got ${contents[field][0]}`,
      )
    // Floats are packed as they are in a tensor.
    if (type === 'string' || field === 6 || field === 7) {
      if (pieces.length === most) throw tooMany(most)
      pieces.push(message.content().rest())
      continue
    }
    for (const piece = message.content(); !piece.isAtEnd; ) {
      if (values.length === most) throw tooMany(most)
      values.push(readElement(piece, field))
    }
  }
  if (type === 'string') return pieces.map(decodeText)
  if (type === 'float32' || type === 'float64') return Buffer.concat(pieces)
  const data = createData(type, values.length)
  for (let at = 0; at < values.length; at++) {
    data[at] = values[at] as never
    if (data[at] !== values[at]) throw new RangeError(`element ${at} must fit ${datatype}, got ${values[at]}`)
  }
  return bytesOf(data)
}

/** Writes a tensor as contents, in the field of its datatype. */
export function contentsMessage({ datatype, data }: WireTensor): ProtoWriter {
  const message = new ProtoWriter()
  const field = fields.get(datatype)!
  if (!(data instanceof Uint8Array)) {
    for (const text of data as readonly string[]) message.bytes(field, Buffer.from(text))
    return message
  }
  if (field === 1 || field === 6 || field === 7) {
    message.bytes(field, data)
    return message
  }
  const packed = new ProtoWriter()
  const type = typeOf(datatype)
  if (type === undefined || type === 'string') return message
  for (const value of Array.from(dataOf(type, data) as ArrayLike<number | bigint>))
    packed.bigVarint(BigInt(value))
  message.message(field, packed)
  return message
}

/** Others are of a later version of the protocol. */
function isElements(field: number): boolean {
  return field >= 1 && field <= 8
}

function readElement(reader: ProtoReader, field: number): number | bigint {
  if (field === 1) return reader.uint() === 0 ? 0 : 1
  if (field === 2) return reader.int32()
  if (field === 3) return reader.int64()
  if (field === 4) return reader.uint()
  return reader.uint64()
}
