import fc from 'fast-check'

type Edit = (bytes: Buffer) => Buffer

const edit: fc.Arbitrary<Edit> = fc
  .tuple(
    fc.constantFrom('flip', 'flip', 'set', 'insert', 'cut', 'repeat', 'truncate'),
    fc.nat(99_999),
    fc.nat(60),
    fc.uint8Array({ minLength: 1, maxLength: 6 }),
  )
  .map(([kind, share, length, values]) => (bytes) => {
    const at = Math.floor((share / 100_000) * bytes.length)
    const head = bytes.subarray(0, at)
    const piece = bytes.subarray(at, at + length)
    const tail = bytes.subarray(at + length)
    switch (kind) {
      case 'flip': {
        const copy = Buffer.from(bytes)
        if (at < copy.length) copy[at] ^= 1 << (length % 8)
        return copy
      }
      case 'set':
        return Buffer.concat([head, values, bytes.subarray(at + values.length)])
      case 'insert':
        return Buffer.concat([head, values, bytes.subarray(at)])
      case 'cut':
        return Buffer.concat([head, tail])
      case 'repeat':
        return Buffer.concat([head, piece, piece, tail])
      default:
        return head
    }
  })

/** One to four changes to the bytes of the source. */
export function editedBytes(sources: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  return fc
    .tuple(sources, fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([source, edits]) => edits.reduce((bytes, apply) => apply(bytes), source))
}
