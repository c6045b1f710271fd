/** Elements of BYTES: each has its length in four bytes before it. */
export function rawTexts(texts: readonly string[]): Buffer {
  let length = 0
  for (const text of texts) length += 4 + Buffer.byteLength(text)
  const bytes = Buffer.allocUnsafe(length)
  let at = 0
  for (const text of texts) {
    const written = bytes.write(text, at + 4)
    bytes.writeUInt32LE(written, at)
    at += 4 + written
  }
  return bytes
}

/**
 * The elements in raw bytes. Throws a RangeError if a length leads beyond the end, an element is not UTF-8, or there are
 * more than `most`.
 */
export function textsOf(bytes: Uint8Array, most: number): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const texts: string[] = []
  for (let at = 0; at < buffer.length; ) {
    if (texts.length === most) throw tooMany(most)
    const from = at + 4
    const end = from <= buffer.length ? from + buffer.readUInt32LE(at) : from
    if (end > buffer.length) throw new RangeError(`element ${texts.length} is cut off`)
    texts.push(decodeText(buffer.subarray(from, end), texts.length))
    at = end
  }
  return texts
}

export function tooMany(most: number): RangeError {
  return new RangeError(`must hold ${most} elements as its shape says, got more`)
}

/** Throws a RangeError if an element is not UTF-8. Models read text; bytes of another kind would reach them changed. */
export function decodeText(bytes: Uint8Array, element: number): string {
  try {
    return strict.decode(bytes)
  } catch {
    throw new RangeError(`element ${element} must be text in UTF-8`)
  }
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
