import { createData } from '../../models/types/elementType'
import { bytesOf, dataOf, typeOf } from './datatypes'
import type { ProtoReader } from './protoReader'
import { ProtoWriter } from './protoWriter'
import { decodeText } from './texts'
import type { WireTensor } from './wireTensor'

/** The field of InferTensorContents for each datatype. */
const fields: Readonly<Record<string, number>> = {
  BOOL: 1,
  INT8: 2,
  INT16: 2,
  INT32: 2,
  INT64: 3,
  UINT8: 4,
  UINT16: 4,
  UINT32: 4,
  UINT64: 5,
  FP32: 6,
  FP64: 7,
  BYTES: 8,
}
const names = [
  '',
  'bool_contents',
  'int_contents',
  'int64_contents',
  'uint_contents',
  'uint64_contents',
  'fp32_contents',
  'fp64_contents',
  'bytes_contents',
]

/** The elements of a tensor that came one by one: packed pieces, or single ones. */
export interface Contents {
  readonly field: number
  readonly pieces: readonly ProtoReader[]
}

/** Reads the message without interpreting its elements. Throws a RangeError if it holds elements of two fields. */
export function readContents(message: ProtoReader): Contents {
  let field = 0
  const pieces: ProtoReader[] = []
  while (message.next()) {
    if (message.field < 1 || message.field > 8) {
      message.skip()
      continue
    }
    if (field !== 0 && field !== message.field)
      throw new RangeError(`contents must be in one field, got ${names[field]} and ${names[message.field]}`)
    field = message.field
    pieces.push(message.content())
  }
  return { field, pieces }
}

/** The data of a tensor that came with contents. Throws a RangeError if they are not of its datatype. */
export function contentsData(datatype: string, { field, pieces }: Contents): WireTensor['data'] {
  const type = typeOf(datatype)
  const expected = fields[datatype]
  if (type === undefined || expected === undefined)
    throw new RangeError(`datatype ${datatype} needs raw contents`)
  if (field !== 0 && field !== expected)
    throw new RangeError(`contents of ${datatype} must be in ${names[expected]}, got ${names[field]}`)
  if (type === 'string') return pieces.map((reader, element) => decodeText(reader.rest(), element))
  // Floats are packed as they are in a tensor.
  if (field === 6 || field === 7) return Buffer.concat(pieces.map((reader) => reader.rest()))
  const values: (number | bigint)[] = []
  for (const reader of pieces) while (!reader.isAtEnd) values.push(readElement(reader, field))
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
  const field = fields[datatype]
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

function readElement(reader: ProtoReader, field: number): number | bigint {
  if (field === 1) return reader.uint() === 0 ? 0 : 1
  if (field === 2) return reader.int32()
  if (field === 3) return reader.int64()
  if (field === 4) return reader.uint()
  return reader.uint64()
}
