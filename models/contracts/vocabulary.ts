import { LoadError, show } from '../../lib/errors'
import { parseJson } from '../../lib/readJson'
import type { Pieces } from '../../lib/scheduling/turns'
import { safeRange } from '../types/elementType'

/** The ids or words to which a model's indexes refer. */
export interface Vocabulary {
  /** As in the file: numbers stay numbers. */
  readonly entries: readonly (string | number)[]
  readonly positions: Pick<EntryPositions, 'size' | 'get'>
}

/** The position of each entry by its text: 12 and "12" are equal. */
export class EntryPositions {
  size = 0
  /** Undefined while no entry is a whole number. */
  private numbers: WholeNumberPositions | undefined
  /** Entries that are not whole numbers, or too large ones. */
  private readonly texts = new Map<string, number>()

  constructor(private readonly most: number) {}

  get(text: string): number | undefined {
    const number = wholeNumberOf(text)
    return number === -1 ? this.texts.get(text) : this.numbers?.get(number)
  }

  /** The text must be new. */
  add(text: string): void {
    const number = wholeNumberOf(text)
    if (number === -1) this.texts.set(text, this.size)
    else {
      this.numbers ??= new WholeNumberPositions(this.most - this.size)
      this.numbers.set(number, this.size)
    }
    this.size++
  }
}

/** Entries per piece: few enough not to block noticeably, even before the code is optimized. */
const pieceEntries = 256

/** Throws `LoadError` if an entry is neither text nor a whole number, or is a duplicate. */
export function* createVocabulary(entries: unknown, where: string): Pieces<Vocabulary> {
  if (!Array.isArray(entries) || entries.length === 0) {
    throw new LoadError([`${where}: must be a list of ids or words, got ${show(entries)}`])
  }
  const positions = new EntryPositions(entries.length)
  for (const [position, entry] of entries.entries()) {
    if (typeof entry !== 'string' && !Number.isSafeInteger(entry)) {
      throw new LoadError([
        `${where}: entry ${position}: must be text or a whole number ${safeRange} (write larger ids as text), got ${show(entry)}`,
      ])
    }
    const text = String(entry)
    const earlier = positions.get(text)
    if (earlier !== undefined) {
      throw new LoadError([
        `${where}: entry ${position}: must differ from entry ${earlier}, got ${show(entry)}`,
      ])
    }
    positions.add(text)
    if (position % pieceEntries === pieceEntries - 1) yield
  }
  return { entries: Object.freeze(entries.slice()), positions }
}

/** Reads a vocabulary file: a JSON array of ids or words. */
export function parseVocabulary(json: string, where: string): Pieces<Vocabulary> {
  return createVocabulary(parseJson(json, where), where)
}

/**
 * A position for each of at most `most` whole numbers from 0 to 2,147,483,647: open addressing with linear probing in
 * one typed array. Vocabularies of ids are long and looked up for every row, and a Map would take far more memory.
 */
export class WholeNumberPositions {
  /** Number and position side by side; a free place has -1 as its number. */
  private readonly places: Int32Array
  private readonly mask: number
  private readonly shift: number

  constructor(most: number) {
    let bits = 3
    // At least a third stays free.
    while (1 << bits < most * 1.5) bits++
    this.places = new Int32Array(2 << bits).fill(-1)
    this.mask = (1 << bits) - 1
    this.shift = 32 - bits
  }

  get(number: number): number | undefined {
    const at = this.find(number)
    return this.places[at] === number ? this.places[at + 1] : undefined
  }

  set(number: number, position: number): void {
    const at = this.find(number)
    this.places[at] = number
    this.places[at + 1] = position
  }

  /** The place of the number, or the free place where it would be. */
  private find(number: number): number {
    const { places, mask } = this
    // Fibonacci hashing (Knuth) spreads consecutive ids.
    let slot = Math.imul(number, 0x9e3779b1) >>> this.shift
    while (places[2 * slot] !== number && places[2 * slot] !== -1) slot = (slot + 1) & mask
    return 2 * slot
  }
}

/** The whole number with this text, as in `String(12)`; -1 if it is not one from 0 to 2,147,483,647. */
export function wholeNumberOf(text: string): number {
  const { length } = text
  if (length === 0 || length > 10) return -1
  let number = 0
  for (let at = 0; at < length; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) return -1
    number = number * 10 + digit
  }
  const isCanonical = length === 1 || text.charCodeAt(0) !== 48
  return isCanonical && number <= 0x7fffffff ? number : -1
}
