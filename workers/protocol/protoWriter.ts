import { wire } from './protoReader'

/**
 * Writes a Protocol Buffers message. Collects its pieces and copies each once, when `finish` puts them into one buffer.
 */
export class ProtoWriter {
  private readonly pieces: Uint8Array[] = []
  private length = 0
  /** Bytes of tags and numbers that are not among the pieces yet. */
  private small: number[] = []

  bool(field: number, value: boolean): void {
    this.tag(field, wire.varint)
    this.small.push(value ? 1 : 0)
  }

  int64(field: number, value: bigint): void {
    this.tag(field, wire.varint)
    this.bigVarint(value)
  }

  double(field: number, value: number): void {
    this.tag(field, wire.fixed64)
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setFloat64(0, value, true)
    this.raw(bytes)
  }

  /** Left out if it is empty, as the default. */
  text(field: number, value: string): void {
    if (value === '') return
    this.bytes(field, Buffer.from(value))
  }

  bytes(field: number, value: Uint8Array): void {
    this.head(field, value.byteLength)
    this.raw(value)
  }

  message(field: number, value: ProtoWriter): void {
    value.flush()
    this.head(field, value.length)
    this.flush()
    for (const piece of value.pieces) this.pieces.push(piece)
    this.length += value.length
  }

  /** Packed numbers of a repeated int64. */
  shape(field: number, dims: readonly number[]): void {
    const packed = new ProtoWriter()
    for (const size of dims) {
      if (size >= 0) packed.varint(size)
      else packed.bigVarint(BigInt(size))
    }
    this.message(field, packed)
  }

  varint(value: number): void {
    let rest = value
    while (rest > 127) {
      this.small.push((rest % 128) + 128)
      rest = Math.floor(rest / 128)
    }
    this.small.push(rest)
  }

  bigVarint(value: bigint): void {
    let rest = BigInt.asUintN(64, value)
    while (rest > 127n) {
      this.small.push(Number(rest & 127n) + 128)
      rest >>= 7n
    }
    this.small.push(Number(rest))
  }

  raw(bytes: Uint8Array): void {
    this.flush()
    this.pieces.push(bytes)
    this.length += bytes.byteLength
  }

  /** The tag and length of a field whose content `raw` adds. */
  head(field: number, length: number): void {
    this.tag(field, wire.bytes)
    this.varint(length)
  }

  finish(): Buffer {
    this.flush()
    return Buffer.concat(this.pieces, this.length)
  }

  private tag(field: number, kind: number): void {
    this.varint(field * 8 + kind)
  }

  private flush(): void {
    if (this.small.length === 0) return
    this.pieces.push(Uint8Array.from(this.small))
    this.length += this.small.length
    this.small = []
  }
}
