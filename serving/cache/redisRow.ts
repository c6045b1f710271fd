import { type KeptRow, layoutFrom } from './keptRow'
import { textsOf } from './keptTexts'

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
  if (layout === undefined) return undefined
  const row = { layout, bytes: packed.subarray(bytesFrom) }
  const isWhole = layout.texts.length === 0 ? row.bytes.length === layout.bytes : textsOf(row) !== undefined
  return isWhole ? row : undefined
}

const lengthBytes = 2
