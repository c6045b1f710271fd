import type { Column } from '../lib/column'

/**
 * Finds equal rows: rows that agree in the columns that the graph reads are one row to it, and are inferred once. Keeps
 * the distinct rows as columns of its own, in the order they came.
 */
export class RowIndex {
  /** The distinct rows, by feature. */
  readonly columns: unknown[][]
  private readonly byHash = new Map<number, number | number[]>()

  constructor(
    features: number,
    /** The columns that make a row the same; the others are kept of the first row that came. */
    private readonly identity: readonly number[],
  ) {
    this.columns = Array.from({ length: features }, () => [])
  }

  get size(): number {
    return this.count
  }
  private count = 0

  /** The position of the distinct row that equals row `row` of `columns`; a new one if there was none. */
  add(columns: readonly Column[], row: number): number {
    let hash = 17
    for (const feature of this.identity) hash = (Math.imul(hash, 31) + hashValue(columns[feature][row])) | 0
    const candidates = this.byHash.get(hash)
    if (candidates === undefined) {
      const position = this.append(columns, row)
      this.byHash.set(hash, position)
      return position
    }
    if (typeof candidates === 'number') {
      if (this.equal(candidates, columns, row)) return candidates
      const position = this.append(columns, row)
      this.byHash.set(hash, [candidates, position])
      return position
    }
    for (const candidate of candidates) if (this.equal(candidate, columns, row)) return candidate
    const position = this.append(columns, row)
    candidates.push(position)
    return position
  }

  private append(columns: readonly Column[], row: number): number {
    for (let feature = 0; feature < columns.length; feature++)
      this.columns[feature].push(columns[feature][row])
    return this.count++
  }

  private equal(position: number, columns: readonly Column[], row: number): boolean {
    for (const feature of this.identity) {
      if (!sameValue(this.columns[feature][position], columns[feature][row])) return false
    }
    return true
  }
}

const float = new Float64Array(1)
const halves = new Int32Array(float.buffer)

/** FNV-1a over the value's units, 32 bits; equal values have equal hashes. */
function hashValue(value: unknown): number {
  if (typeof value === 'number') return hashNumber(value)
  if (typeof value === 'string') {
    let hash = 0x811c9dc5
    for (let i = 0; i < value.length; i++) hash = Math.imul(hash ^ value.charCodeAt(i), 0x01000193)
    return hash
  }
  if (Array.isArray(value)) {
    let hash = value.length
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i]
      // Lists are mostly of numbers, and a number that is handed on as unknown would become an object.
      const itemHash = typeof item === 'number' ? hashNumber(item) : hashValue(item)
      hash = (Math.imul(hash, 31) + itemHash) | 0
    }
    return hash
  }
  return value === true ? 1 : value === false ? 2 : 3
}

function hashNumber(value: number): number {
  float[0] = value
  return Math.imul(halves[0] ^ 0x811c9dc5, 0x01000193) ^ halves[1]
}

function sameValue(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true
  if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false
  for (let i = 0; i < left.length; i++) if (!sameValue(left[i], right[i])) return false
  return true
}
