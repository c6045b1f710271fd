import type { Column } from '../../lib/column'

/** The n-grams of a batch of texts: each row's buckets in ascending order, and how often each occurs. */
export interface NgramBatch {
  readonly buckets: readonly Uint32Array[]
  readonly counts: readonly Uint32Array[]
  /** The most buckets of a row, at least 1. */
  readonly width: number
}

const offsetBasis = 0x811c9dc5
const prime = 0x01000193
const space = 0x20
const noBuckets = new Uint32Array(0)

/**
 * Counts hashed character n-grams. A text is normalized to Unicode form NFKD, loses accents (U+0300 to U+036F) and the
 * apostrophes ' and ’, and is split into words of ASCII letters (lower-cased) and digits. Each word gets a space before
 * and after; each of its substrings of `shortest` to `longest` characters is hashed with 32-bit FNV-1a over its bytes
 * (http://www.isthe.com/chongo/tech/comp/fnv/), modulo `buckets`.
 */
export class HashedNgrams {
  private readonly countOf: Uint32Array
  private readonly batches = new WeakMap<Column, NgramBatch>()
  private word = new Uint8Array(64)
  private touched = new Uint32Array(256)
  private distinct = 0

  constructor(
    private readonly shortest: number,
    private readonly longest: number,
    private readonly bucketCount: number,
  ) {
    this.countOf = new Uint32Array(bucketCount)
  }

  /** The n-grams of a column of texts or nulls. A column is counted once, however many tensors use it. */
  batch(column: Column, rows: number): NgramBatch {
    let batch = this.batches.get(column)
    if (batch === undefined || batch.buckets.length !== rows) {
      batch = this.count(column, rows)
      this.batches.set(column, batch)
    }
    return batch
  }

  private count(column: Column, rows: number): NgramBatch {
    const buckets: Uint32Array[] = new Array(rows)
    const counts: Uint32Array[] = new Array(rows)
    let width = 1
    for (let row = 0; row < rows; row++) {
      const text = column[row] as string | null
      if (text !== null) this.countWords(text.normalize('NFKD'))
      buckets[row] = this.takeBuckets()
      counts[row] = this.takeCounts(buckets[row])
      if (buckets[row].length > width) width = buckets[row].length
    }
    return { buckets, counts, width }
  }

  /** Splits the text into words and counts each, by UTF-16 units: all but ASCII separates words. */
  private countWords(text: string): void {
    let length = 0
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (isDeleted(code)) continue
      const letter = smallLetterOrDigit(code)
      if (letter !== 0) {
        // The first and last places are for the spaces.
        if (length + 2 >= this.word.length) this.word = grown(this.word)
        this.word[++length] = letter
      } else if (length > 0) {
        this.countWord(length)
        length = 0
      }
    }
    if (length > 0) this.countWord(length)
  }

  private countWord(length: number): void {
    const { word, shortest, longest, bucketCount } = this
    word[0] = space
    word[length + 1] = space
    const end = length + 2
    for (let start = 0; start + shortest <= end; start++) {
      // The hash of an n-gram extends that of its prefix by one byte.
      let hash = offsetBasis
      for (let at = start, size = 1; at < end && size <= longest; at++, size++) {
        hash = Math.imul(hash ^ word[at], prime)
        if (size >= shortest) this.add((hash >>> 0) % bucketCount)
      }
    }
  }

  private add(bucket: number): void {
    if (this.countOf[bucket]++ > 0) return
    if (this.distinct === this.touched.length) {
      const wider = new Uint32Array(this.touched.length * 2)
      wider.set(this.touched)
      this.touched = wider
    }
    this.touched[this.distinct++] = bucket
  }

  private takeBuckets(): Uint32Array {
    if (this.distinct === 0) return noBuckets
    const buckets = this.touched.slice(0, this.distinct).sort()
    this.distinct = 0
    return buckets
  }

  /** The counts of these buckets, which are reset to 0 for the next row. */
  private takeCounts(buckets: Uint32Array): Uint32Array {
    if (buckets.length === 0) return noBuckets
    const counts = new Uint32Array(buckets.length)
    for (let at = 0; at < buckets.length; at++) {
      counts[at] = this.countOf[buckets[at]]
      this.countOf[buckets[at]] = 0
    }
    return counts
  }
}

/** Accents, which NFKD separated from their letters, and apostrophes: they are removed without separating words. */
function isDeleted(code: number): boolean {
  return (code >= 0x300 && code <= 0x36f) || code === 0x27 || code === 0x2019
}

function smallLetterOrDigit(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return code
  if (code >= 0x30 && code <= 0x39) return code
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : 0
}

function grown(word: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const wider = new Uint8Array(word.length * 2)
  wider.set(word)
  return wider
}
