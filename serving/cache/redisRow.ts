import { type KeptRow, layoutFrom } from './keptRow'

/** The form of a row in Redis: the length of its layout's text in two bytes, the text, and the row's bytes. */
export function packRow({ layout, bytes }: KeptRow): Buffer {
  const text = Buffer.from(layout.text)
  const packed = Buffer.allocUnsafe(lengthBytes + text.length + bytes.length)
  packed.writeUInt16LE(text.length)
  packed.set(text, lengthBytes)
  packed.set(bytes, lengthBytes + text.length)
  return packed
}

/** Undefined for data that `packRow` did not make. */
export function unpackRow(packed: Buffer): KeptRow | undefined {
  if (packed.length < lengthBytes) return undefined
  const bytesFrom = lengthBytes + packed.readUInt16LE()
  const layout = layoutFrom(packed.toString('utf8', lengthBytes, bytesFrom))
  if (layout === undefined || packed.length !== bytesFrom + layout.bytes) return undefined
  return { layout, bytes: packed.subarray(bytesFrom) }
}

const lengthBytes = 2
