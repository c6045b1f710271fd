import fc from 'fast-check'

/** A field of a message as protobuf writes it: its tag, and the number or bytes behind it. */
interface Field {
  readonly number: number
  readonly wire: number
  value: bigint
  bytes: Buffer
  /** Bytes that read as a message themselves. */
  inner?: Field[]
}

type Change = readonly [kind: string, place: number, number: bigint, text: Buffer]

const numbers = [
  0n,
  1n,
  2n,
  7n,
  255n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n,
  2n ** 40n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
]
const texts = [
  '',
  'x',
  'Add',
  'MatMul',
  'Loop',
  'If',
  'Scan',
  'ConstantOfShape',
  'Expand',
  'Tile',
  'Gather',
  'Reshape',
  'NonZero',
  'Cast',
  'com.microsoft',
  '\xff\xfe',
  'y'.repeat(3000),
]
const change: fc.Arbitrary<Change> = fc.tuple(
  fc.constantFrom('number', 'number', 'number', 'text', 'text', 'drop', 'twice', 'move', 'bits'),
  fc.nat(1_000_000),
  fc.constantFrom(...numbers),
  fc.constantFrom(...texts).map((text) => Buffer.from(text, 'latin1')),
)

/** One to three changes to fields of a protobuf message, wherever they are nested; all lengths are right again afterwards. */
export function editedMessage(sources: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  return fc.tuple(sources, fc.array(change, { minLength: 1, maxLength: 3 })).map(([source, changes]) => {
    const fields = read(source, 0)
    if (fields === undefined) return source
    for (const one of changes) apply(fields, one)
    return write(fields)
  })
}

/** Deeper nesting than a graph has. */
const maxDepth = 8

function read(bytes: Buffer, depth: number): Field[] | undefined {
  const fields: Field[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = readNumber(bytes, at)
    if (tag === undefined) return undefined
    at = tag.end
    const wire = Number(tag.value & 7n)
    const number = Number(tag.value >> 3n)
    if (number === 0 || number > 1000) return undefined
    const field: Field = { number, wire, value: 0n, bytes: Buffer.alloc(0) }
    if (wire === 0 || wire === 2) {
      const value = readNumber(bytes, at)
      if (value === undefined) return undefined
      field.value = value.value
      at = value.end
    }
    const length = wire === 2 ? Number(field.value) : wire === 1 ? 8 : wire === 5 ? 4 : 0
    if ((wire > 2 && wire !== 5) || at + length > bytes.length) return undefined
    field.bytes = bytes.subarray(at, at + length)
    at += length
    // Weights are long, and nothing to look into.
    if (wire === 2 && depth < maxDepth && length > 1 && (length < 5000 || depth < 2)) {
      field.inner = read(field.bytes, depth + 1)
    }
    fields.push(field)
  }
  return fields
}

function readNumber(bytes: Buffer, from: number): { value: bigint; end: number } | undefined {
  let value = 0n
  for (let at = from, shift = 0n; at < bytes.length && shift < 70n; at++, shift += 7n) {
    value |= BigInt(bytes[at] & 127) << shift
    if (bytes[at] < 128) return { value, end: at + 1 }
  }
  return undefined
}

function apply(root: Field[], [kind, place, number, text]: Change): void {
  const places: { list: Field[]; at: number }[] = []
  const visit = (list: Field[]) => {
    for (const [at, { inner }] of list.entries()) {
      places.push({ list, at })
      if (inner !== undefined) visit(inner)
    }
  }
  visit(root)
  if (places.length === 0) return
  const { list, at } = places[place % places.length]
  const field = list[at]
  if (kind === 'drop') list.splice(at, 1)
  else if (kind === 'twice') list.splice(at, 0, field)
  else if (kind === 'move') list.push(...list.splice(at, 1))
  else if (field.wire === 0) field.value = number
  else if (kind === 'number') list[at] = { ...field, inner: undefined, bytes: writeNumber(number) }
  else if (kind === 'text') list[at] = { ...field, inner: undefined, bytes: text }
  else if (field.bytes.length > 0) {
    const bytes = Buffer.from(field.inner === undefined ? field.bytes : write(field.inner))
    bytes[place % bytes.length] ^= 1 << (place % 8)
    list[at] = { ...field, inner: undefined, bytes }
  }
}

function write(fields: readonly Field[]): Buffer {
  const parts: Buffer[] = []
  for (const { number, wire, value, bytes, inner } of fields) {
    parts.push(writeNumber(BigInt(number * 8 + wire)))
    const content = inner === undefined ? bytes : write(inner)
    if (wire === 0) parts.push(writeNumber(value))
    else if (wire === 2) parts.push(writeNumber(BigInt(content.length)))
    parts.push(content)
  }
  return Buffer.concat(parts)
}

function writeNumber(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  bytes.push(Number(rest))
  return Buffer.from(bytes)
}
