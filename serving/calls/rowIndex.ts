import type { Column } from '../../lib/column'
import { memoizedWeakly } from '../../lib/memoized'
import type { Model, RowErrors } from '../../models/contracts/model'

/** The features that decide whether rows are equal, and among them those that distinguish rows most cheaply. */
export interface RowIdentity {
  readonly all: readonly number[]
  /** Numbers and ids, which are short and rarely the same in all rows; all features if there are none of these. */
  readonly telling: readonly number[]
  /** The others of `all`. */
  readonly rest: readonly number[]
}

export const rowIdentityOf = memoizedWeakly(({ identity: all, features }: Model): RowIdentity => {
  const telling = all.filter((feature) => ['ID', 'Int', 'Float'].includes(features[feature].type.kind))
  const rest = all.filter((feature) => !telling.includes(feature))
  return telling.length > 0 ? { all: [...telling, ...rest], telling, rest } : { all, telling: all, rest: [] }
})

/** Where rows were placed. */
export interface Placement {
  /**
   * The distinct row that answers each row; -1 for rows with an error. Undefined if every row is a new distinct row:
   * then they are the last distinct rows, in order.
   */
  readonly positions: Int32Array | undefined
  /** The columns of the new distinct rows: the original columns if every row is new, undefined if none is. */
  readonly fresh: readonly Column[] | undefined
}

/** Distinct rows that were added together. */
interface Chunk {
  readonly from: number
  readonly columns: readonly Column[]
}

/** After this many hash collisions, the telling columns do not distinguish the rows. */
const mostFalseHits = 8

/**
 * Finds equal rows. Rows that agree in all columns that the graph reads are the same to it, and are inferred once.
 *
 * Usually all rows of a request arrive at once and are distinct. Therefore their columns are kept without copying,
 * hashes read only the columns that distinguish rows most cheaply (until collisions show that they do not), and the
 * first call uses a table that all requests share.
 */
export class RowIndex {
  private count = 0
  private readonly chunks: Chunk[] = []
  private table: PositionTable | undefined
  private readsAll: boolean
  private falseHits = 0

  constructor(private readonly identity: RowIdentity) {
    this.readsAll = identity.rest.length === 0
  }

  /** The number of distinct rows. */
  get size(): number {
    return this.count
  }

  /** Places rows, except those with an entry in `errors`. Keeps the columns, which must not change any more. */
  add(columns: readonly Column[], rows: number, errors?: RowErrors): Placement {
    if (this.count === 0 && rows === 1 && errors === undefined) return this.keepAll(columns, rows)
    if (rows === 0) return { positions: new Int32Array(0), fresh: undefined }
    const table = this.tableFor(rows)
    const hashes = this.hash(columns, rows)
    const base = this.count
    let next = base
    for (let row = 0; row < rows; row++) {
      let position = -1
      if (errors === undefined || errors[row] === undefined) {
        let slot = table.first(hashes[row])
        position = table.at(slot)
        while (position >= 0 && !this.holds(table, position, columns, row)) {
          slot = table.after(slot)
          position = table.at(slot)
        }
        if (position < 0) {
          position = next++
          table.put(slot, hashes[row])
          freshRows[position - base] = row
        }
      }
      places[row] = position
      if (this.falseHits > mostFalseHits && !this.readsAll) return this.addReadingAll(columns, rows, errors)
    }
    if (next - base === rows) return this.keepAll(columns, rows)
    const positions = places.slice(0, rows)
    if (next === base) return { positions, fresh: undefined }
    const fresh = columns.map((column) => pick(column, freshRows, next - base))
    this.keep(fresh, next - base)
    return { positions, fresh }
  }

  private keepAll(columns: readonly Column[], rows: number): Placement {
    this.keep(columns, rows)
    return { positions: undefined, fresh: columns }
  }

  private keep(columns: readonly Column[], rows: number): void {
    this.chunks.push({ from: this.count, columns })
    this.count += rows
  }

  /** Starts again with hashes over all identity columns. */
  private addReadingAll(columns: readonly Column[], rows: number, errors?: RowErrors): Placement {
    this.readsAll = true
    this.table = undefined
    return this.add(columns, rows, errors)
  }

  /** The table of all distinct rows, with room for this many more. */
  private tableFor(rows: number): PositionTable {
    if (this.count === 0) {
      lentTable.reset(rows)
      return lentTable
    }
    if (this.table === undefined) {
      this.table = new PositionTable()
      this.table.reset(this.count + rows)
      for (let at = 0; at < this.chunks.length; at++) this.index(this.table, at)
    } else this.table.reserve(this.count + rows)
    return this.table
  }

  private index(table: PositionTable, at: number): void {
    const { from, columns } = this.chunks[at]
    const rows = (this.chunks[at + 1]?.from ?? this.count) - from
    const hashes = this.hash(columns, rows)
    for (let row = 0; row < rows; row++) table.put(table.freeSlot(hashes[row]), hashes[row])
  }

  /** Valid until the next call. */
  private hash(columns: readonly Column[], rows: number): Int32Array {
    if (rowHashes.length < rows) growScratch(rows)
    rowHashes.fill(0, 0, rows)
    hashRows(columns, this.identity.telling, rows, rowHashes)
    if (this.readsAll) hashRows(columns, this.identity.rest, rows, rowHashes)
    return rowHashes
  }

  /** Whether the distinct row at `position` equals row `row` of the columns being added. */
  private holds(table: PositionTable, position: number, columns: readonly Column[], row: number): boolean {
    if (table.hashOf(position) !== rowHashes[row]) return false
    let there = columns
    let thereRow: number
    if (position >= this.count) thereRow = freshRows[position - this.count]
    else {
      let at = this.chunks.length - 1
      while (this.chunks[at].from > position) at--
      there = this.chunks[at].columns
      thereRow = position - this.chunks[at].from
    }
    for (const feature of this.identity.all) {
      if (sameValue(there[feature][thereRow], columns[feature][row])) continue
      this.falseHits++
      return false
    }
    return true
  }
}

function pick(column: Column, rows: Int32Array, count: number): Column {
  const picked: unknown[] = new Array(count)
  for (let at = 0; at < count; at++) picked[at] = column[rows[at]]
  return picked
}

/**
 * Finds positions 0, 1, 2, ... by hash; several may have the same hash. A table of integers with open addressing and
 * linear probing. Follow a hash from `first` through `after` until `at` is -1: that slot is free.
 */
class PositionTable {
  /** A position plus one; 0 means free. */
  private slots = new Int32Array(0)
  private hashes = new Int32Array(0)
  private mask = 0
  private count = 0

  /** Removes all positions, and makes room for this many. */
  reset(positions: number): void {
    const capacity = capacityFor(positions)
    if (this.slots.length < capacity) this.slots = new Int32Array(capacity)
    else this.slots.fill(0, 0, capacity)
    if (this.hashes.length < positions) this.hashes = new Int32Array(capacity)
    this.mask = capacity - 1
    this.count = 0
  }

  /** Makes room for this many positions in total. */
  reserve(positions: number): void {
    if (capacityFor(positions) <= this.mask + 1) return
    const { hashes, count } = this
    this.hashes = new Int32Array(0)
    this.reset(2 * positions)
    for (let position = 0; position < count; position++)
      this.put(this.freeSlot(hashes[position]), hashes[position])
  }

  first(hash: number): number {
    return hash & this.mask
  }

  after(slot: number): number {
    return (slot + 1) & this.mask
  }

  at(slot: number): number {
    return this.slots[slot] - 1
  }

  hashOf(position: number): number {
    return this.hashes[position]
  }

  freeSlot(hash: number): number {
    let slot = this.first(hash)
    while (this.slots[slot] !== 0) slot = this.after(slot)
    return slot
  }

  /** Adds the next position at a free slot that its hash leads to. */
  put(slot: number, hash: number): void {
    this.hashes[this.count] = hash
    this.slots[slot] = ++this.count
  }
}

/** A power of two, at least twice the positions. */
function capacityFor(positions: number): number {
  let capacity = 16
  while (capacity < 2 * positions) capacity *= 2
  return capacity
}

/** Scratch memory by row, shared by all calls. This is safe only because `add` is synchronous. */
let rowHashes = new Int32Array(128)
let places = new Int32Array(128)
let freshRows = new Int32Array(128)
const lentTable = new PositionTable()

function growScratch(rows: number): void {
  rowHashes = new Int32Array(2 * rows)
  places = new Int32Array(2 * rows)
  freshRows = new Int32Array(2 * rows)
}

/**
 * Mixes the values of the columns `features` into the hashes of rows 0 to `rows - 1`, column by column. Equal rows get
 * equal hashes if they started from equal hashes and went through the same columns in the same order.
 */
function hashRows(
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
