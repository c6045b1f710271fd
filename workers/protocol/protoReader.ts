/** What a field of a message is made of. */
export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** Reads a Protocol Buffers message in order; bytes are views. Throws a RangeError if it is cut off or not one. */
export class ProtoReader {
  private at: number
  /** Where the message ends, exclusive. */
  readonly end: number
  /** The number and kind of the field that `next` found. */
  field = 0
  kind = 0

  constructor(
    private readonly buffer: Buffer,
    from = 0,
    to = buffer.length,
  ) {
    this.at = from
    this.end = to
  }

  /** Where it reads next. */
  get place(): number {
    return this.at
  }

  get isAtEnd(): boolean {
    return this.at >= this.end
  }

  /** Moves to the next field. Returns false at the end. */
  next(): boolean {
    if (this.at >= this.end) return false
    const tag = this.uint()
    this.field = Math.floor(tag / 8)
    this.kind = tag % 8
    return true
  }

  /** A whole number from 0 on, rounded beyond the safe range. */
  uint(): number {
    let value = 0
    let scale = 1
    for (let read = 0; read < 10; read++) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
    throw new RangeError('a number has more than ten bytes')
  }

  /** An int32. Negative ones are written as 64 bits, of which the lower half counts. */
  int32(): number {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.byte()
      if (shift < 32) value |= (byte & 127) << shift
      if (byte < 128) return value
    }
    throw new RangeError('a number has more than ten bytes')
  }

  uint64(): bigint {
    const from = this.at
    const value = this.uint()
    if (value <= Number.MAX_SAFE_INTEGER) return BigInt(value)
    let exact = 0n
    for (let at = this.at - 1; at >= from; at--) exact = (exact << 7n) | BigInt(this.buffer[at] & 127)
    return BigInt.asUintN(64, exact)
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64())
  }

  double(): number {
    const from = this.take(8)
    return this.buffer.readDoubleLE(from)
  }

  /** The content of a field of bytes, text or a message. */
  bytes(): Buffer {
    const length = this.uint()
    const from = this.take(length)
    return this.buffer.subarray(from, from + length)
  }

  text(): string {
    return this.bytes().toString('utf8')
  }

  /** A reader of the message that is this field's content. */
  message(): ProtoReader {
    const length = this.uint()
    const from = this.take(length)
    return new ProtoReader(this.buffer, from, from + length)
  }

  /** A reader of this field's content, whatever it is; of a number, with the number alone. */
  content(): ProtoReader {
    if (this.kind === wire.bytes) return this.message()
    const from = this.at
    this.skip()
    return new ProtoReader(this.buffer, from, this.at)
  }

  /** All bytes that are not read yet. */
  rest(): Buffer {
    const from = this.at
    this.at = this.end
    return this.buffer.subarray(from, this.end)
  }

  skip(): void {
    if (this.kind === wire.varint) this.uint()
    else if (this.kind === wire.fixed64) this.take(8)
    else if (this.kind === wire.bytes) this.take(this.uint())
    else if (this.kind === wire.fixed32) this.take(4)
    else throw new RangeError(`a field is of kind ${this.kind}, which is unknown`)
  }

  private byte(): number {
    if (this.at >= this.end) throw new RangeError('the message is cut off')
    return this.buffer[this.at++]
  }

  private take(length: number): number {
    const from = this.at
    if (length > this.end - from) throw new RangeError('the message is cut off')
    this.at += length
    return from
  }
}
