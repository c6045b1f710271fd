import crypto from 'node:crypto'
import type { Column } from '../../lib/column'
import { invariant } from '../../lib/invariant'

/** The part that the keys of all rows of one version and objective share: the SHA-256 of a text. */
export type KeyPrefix = Int32Array

export function keyPrefix(text: string): KeyPrefix {
  const bytes = crypto.createHash('sha256').update(text).digest()
  return Int32Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readInt32LE(4 * at))
}

/**
 * The key of each row: SHA-256 of the prefix and of the row's values in the columns `identity`, in base64url. A client
 * who can choose inputs must not be able to make two rows with the same key, because others would then get the wrong
 * row's answer: rows with equal keys are not compared. This rules out faster, weaker hashes.
 *
 * Values are normalized by validation. Rows have equal keys exactly if `sameValue` holds for all their values: each
 * value is written with its kind and length, so that different rows never give the same words.
 */
export function rowKeys(
  columns: readonly Column[],
  identity: readonly number[],
  rows: number,
  prefix: KeyPrefix,
): string[] {
  const keys: string[] = new Array(rows)
  written.begin(prefix)
  for (let row = 0; row < rows; row++) {
    written.at = prefix.length
    for (let at = 0; at < identity.length; at++) written.add(columns[identity[at]][row])
    keys[row] = digest(written.bytes())
  }
  return keys
}

/** The one-shot function where Node has it (from 20.12 on): it avoids a hash object per row. */
const digest: (bytes: Uint8Array) => string =
  typeof crypto.hash === 'function'
    ? (bytes) => crypto.hash('sha256', bytes, 'base64url')
    : (bytes) => crypto.createHash('sha256').update(bytes).digest('base64url')

const kind = { null: 0, false: 1, true: 2, number: 3, text: 4, list: 5 } as const

const float = new Float64Array(1)
const halves = new Int32Array(float.buffer)

/** The words of one row; reused for each row. */
class WrittenRow {
  at = 0
  private words = new Int32Array(256)

  begin(prefix: KeyPrefix): void {
    this.at = 0
    this.reserve(prefix.length)
    this.words.set(prefix)
  }

  /** Valid until the next value is added. */
  bytes(): Uint8Array {
    return new Uint8Array(this.words.buffer, 0, 4 * this.at)
  }

  add(value: unknown): void {
    if (typeof value === 'number') this.addNumber(value)
    else if (typeof value === 'string') this.addText(value)
    else if (Array.isArray(value)) {
      this.reserve(2)
      this.words[this.at++] = kind.list
      this.words[this.at++] = value.length
      for (let item = 0; item < value.length; item++) this.add(value[item])
    } else {
      invariant(value === null || typeof value === 'boolean', `a canonical value, not ${typeof value}`)
      this.reserve(1)
      this.words[this.at++] = value === null ? kind.null : value ? kind.true : kind.false
    }
  }

  private addNumber(value: number): void {
    this.reserve(3)
    float[0] = value
    this.words[this.at++] = kind.number
    this.words[this.at++] = halves[0]
    this.words[this.at++] = halves[1]
  }

  private addText(value: string): void {
    const { length } = value
    this.reserve(2 + (length + 1) / 2)
    const { words } = this
    let { at } = this
    words[at++] = kind.text
    words[at++] = length
    let unit = 0
    for (; unit + 1 < length; unit += 2)
      words[at++] = value.charCodeAt(unit) | (value.charCodeAt(unit + 1) << 16)
    if (unit < length) words[at++] = value.charCodeAt(unit)
    this.at = at
  }

  private reserve(words: number): void {
    if (this.at + words <= this.words.length) return
    const grown = new Int32Array(2 * Math.ceil(this.at + words))
    grown.set(this.words)
    this.words = grown
  }
}

const written = new WrittenRow()
