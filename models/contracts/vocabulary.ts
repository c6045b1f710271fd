import { LoadError, show } from '../../lib/errors'
import { shortLine } from '../../lib/files/shortLine'
import type { Pieces } from '../../lib/scheduling/turns'
import { WholeNumberPositions, wholeNumberOf } from './wholeNumberPositions'

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
      throw new LoadError([`${where}: entry ${position}: must be text or a whole number, got ${show(entry)}`])
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
  let entries: unknown
  try {
    entries = JSON.parse(json)
  } catch (error) {
    throw new LoadError([`${where}: must be JSON, got ${shortLine((error as Error).message)}`])
  }
  return createVocabulary(entries, where)
}
