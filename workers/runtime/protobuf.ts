import { ProtoReader } from '../protocol/protoReader'
import { ProtoWriter } from '../protocol/protoWriter'

/** The position of one field of a Protocol Buffers message. */
export interface ProtoField {
  readonly number: number
  /** Where its tag begins. */
  readonly start: number
  /** Where its content begins; for text, bytes and messages after their length. */
  readonly from: number
  /** Where its content ends, exclusive. */
  readonly to: number
}

/**
 * The fields of the message from `start` to `end`, in order. Skips the content of each field by its length, so large
 * weights cost nothing. Throws if the bytes are not a message.
 */
export function* fieldsOf(bytes: Buffer, start = 0, end = bytes.length): Generator<ProtoField> {
  const reader = new ProtoReader(bytes, start, end)
  for (let at = start; reader.next(); at = reader.place) {
    if (reader.field === 0) throw new RangeError(`a field without a number at byte ${at}`)
    const { place: from, end: to } = reader.content()
    yield { number: reader.field, start: at, from, to }
  }
}

/** The fields with this number in the message `within`, by default in the whole buffer. */
export function* fieldsNumbered(bytes: Buffer, number: number, within?: ProtoField): Generator<ProtoField> {
  for (const field of fieldsOf(bytes, within?.from, within?.to)) if (field.number === number) yield field
}

/** The first field with this number in the message `within`, by default in the whole buffer. */
export function fieldIn(bytes: Buffer, number: number, within?: ProtoField): ProtoField | undefined {
  const [first] = fieldsNumbered(bytes, number, within)
  return first
}

/** The text of a field in the message `within`, by default in the whole buffer; empty if there is none. */
export function textOf(bytes: Buffer, number: number, within?: ProtoField): string {
  const field = fieldIn(bytes, number, within)
  return field === undefined ? '' : bytes.toString('utf8', field.from, field.to)
}

/** The values of one field of a repeated int64: one value, or several if they are packed. */
export function readInt64s(bytes: Buffer, { from, to }: ProtoField): bigint[] {
  const reader = new ProtoReader(bytes, from, to)
  const values: bigint[] = []
  while (!reader.isAtEnd) values.push(reader.int64())
  return values
}

/** Encodes a field whose content is text, bytes or a message. */
export function lengthField(number: number, content: Buffer | string): Buffer {
  const field = new ProtoWriter()
  field.bytes(number, typeof content === 'string' ? Buffer.from(content) : content)
  return field.finish()
}

/** Encodes the tag and length of a field. */
export function fieldHead(number: number, length: number): Buffer {
  const head = new ProtoWriter()
  head.head(number, length)
  return head.finish()
}
