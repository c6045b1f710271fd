import type { Column } from '../../lib/column'

/**
 * Mixes the values of the columns `features` into the hashes of rows 0 to `rows - 1`, column by column. Equal rows get
 * equal hashes if they started from equal hashes and went through the same columns in the same order.
 */
export function hashRows(
  columns: readonly Column[],
  features: readonly number[],
  rows: number,
  hashes: Int32Array,
): void {
  for (let at = 0; at < features.length; at++) {
    const column = columns[features[at]]
    const first = column[0]
    if (typeof first === 'number') hashNumbers(column, rows, hashes)
    else if (typeof first === 'string' && first !== column[rows - 1]) hashTexts(column, rows, hashes)
    else hashValues(column, rows, hashes)
  }
}

/** A separate loop, so that V8 need not box each number. */
function hashNumbers(column: Column, rows: number, hashes: Int32Array): void {
  for (let row = 0; row < rows; row++) {
    const value = column[row]
    hashes[row] = mixed(hashes[row], typeof value === 'number' ? hashNumber(value) : hashValue(value))
  }
}

/** For columns with mostly different texts, where comparing each with the previous one would not pay. */
function hashTexts(column: Column, rows: number, hashes: Int32Array): void {
  for (let row = 0; row < rows; row++) {
    const value = column[row]
    hashes[row] = mixed(hashes[row], typeof value === 'string' ? hashText(value) : hashValue(value))
  }
}

function hashValues(column: Column, rows: number, hashes: Int32Array): void {
  let last = column[0]
  let lastHash = hashValue(last)
  for (let row = 0; row < rows; row++) {
    const value = column[row]
    // The value of an argument is the same in all rows. 0 and -0 are different values for a graph.
    if (value !== last || value === 0) {
      last = value
      lastHash = hashValue(value)
    }
    hashes[row] = mixed(hashes[row], lastHash)
  }
}

/** Whether a graph sees two normalized values as the same. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true
  if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false
  for (let at = 0; at < left.length; at++) if (!sameValue(left[at], right[at])) return false
  return true
}

function mixed(hash: number, more: number): number {
  const sum = Math.imul(hash ^ more, 0x2c1b3c6d)
  return sum ^ (sum >>> 15)
}

function hashValue(value: unknown): number {
  if (typeof value === 'number') return hashNumber(value)
  if (typeof value === 'string') return hashText(value)
  if (Array.isArray(value)) {
    let hash = value.length
    for (let at = 0; at < value.length; at++) {
      const item: unknown = value[at]
      // Most lists hold numbers, and passing a number as unknown would box it.
      const itemHash = typeof item === 'number' ? hashNumber(item) : hashValue(item)
      hash = (Math.imul(hash, 31) + itemHash) | 0
    }
    return hash
  }
  return value === true ? 1 : value === false ? 2 : 3
}

/** 32-bit FNV-1a over the text's UTF-16 code units. */
function hashText(value: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < value.length; at++) hash = Math.imul(hash ^ value.charCodeAt(at), 0x01000193)
  return hash
}

const float = new Float64Array(1)
const halves = new Int32Array(float.buffer)

function hashNumber(value: number): number {
  float[0] = value
  return Math.imul(halves[0] ^ 0x811c9dc5, 0x01000193) ^ halves[1]
}
