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

const varint = 0
const fixed64 = 1
const lengthDelimited = 2
const fixed32 = 5

/**
 * The fields of the message from `start` to `end`, in order. Skips the content of each field by its length, so large
 * weights cost nothing. Throws if the bytes are not a message.
 */
export function* fieldsOf(bytes: Buffer, start = 0, end = bytes.length): Generator<ProtoField> {
  for (let at = start; at < end; ) {
    let from = endOfVarint(bytes, at, end)
    const tag = readVarint(bytes, at, from)
    const number = Math.floor(tag / 8)
    let to: number
    switch (tag % 8) {
      case varint:
        to = endOfVarint(bytes, from, end)
        break
      case fixed64:
        to = from + 8
        break
      case fixed32:
        to = from + 4
        break
      case lengthDelimited: {
        const behind = endOfVarint(bytes, from, end)
        to = behind + readVarint(bytes, from, behind)
        from = behind
        break
      }
      default:
        throw new Error(`a field of an unknown kind at byte ${at}`)
    }
    if (number === 0 || to > end) throw new Error(`a field without an end at byte ${at}`)
    yield { number, start: at, from, to }
    at = to
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
  const values: bigint[] = []
  for (let at = from; at < to; ) {
    const end = endOfVarint(bytes, at, to)
    let value = 0n
    for (let byte = end - 1; byte >= at; byte--) value = (value << 7n) | BigInt(bytes[byte] & 127)
    values.push(BigInt.asIntN(64, value))
    at = end
  }
  return values
}

/** Encodes a field whose content is text, bytes or a message. */
export function lengthField(number: number, content: Buffer | string): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return Buffer.concat([fieldHead(number, bytes.length), bytes])
}

/** Encodes the tag and length of a field. */
export function fieldHead(number: number, length: number): Buffer {
  return Buffer.from([...writeVarint(number * 8 + lengthDelimited), ...writeVarint(length)])
}

/** The end of a varint, exclusive: all its bytes but the last have the highest bit set. */
function endOfVarint(bytes: Buffer, from: number, end: number): number {
  for (let at = from; at < end && at < from + 10; at++) if (bytes[at] < 128) return at + 1
  throw new Error(`a number without an end at byte ${from}`)
}

/** The number in these bytes; rounded beyond the safe range. */
function readVarint(bytes: Buffer, from: number, to: number): number {
  let value = 0
  for (let at = to - 1; at >= from; at--) value = value * 128 + (bytes[at] & 127)
  return value
}

function writeVarint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  bytes.push(rest)
  return bytes
}
