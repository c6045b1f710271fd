import { LoadError, show } from '../lib/errors'
import type { Pieces } from '../lib/turns'

/** The ids or words that a model's indexes count. */
export interface Vocabulary {
  /** As the file has them: numbers stay numbers. */
  readonly entries: readonly (string | number)[]
  /** Position of each entry by its text: 12 and "12" are one. */
  readonly positions: ReadonlyMap<string, number>
}

/** Entries that are read in one piece: a twentieth of a millisecond, since most come while the engine has not compiled this yet. */
const pieceEntries = 256

/** Throws `LoadError` if an entry is neither text nor a whole number, or stands there twice. */
export function* createVocabulary(entries: unknown, where: string): Pieces<Vocabulary> {
  if (!Array.isArray(entries) || entries.length === 0) {
    throw new LoadError([`${where}: must be a list of ids or words, got ${show(entries)}`])
  }
  const positions = new Map<string, number>()
  for (const [position, entry] of entries.entries()) {
    if (typeof entry !== 'string' && !Number.isSafeInteger(entry)) {
      throw new LoadError([`${where}: entry ${position}: must be text or a whole number, got ${show(entry)}`])
    }
    const text = String(entry)
    if (positions.has(text)) {
      throw new LoadError([
        `${where}: entry ${position}: must differ from entry ${positions.get(text)}, got ${show(entry)}`,
      ])
    }
    positions.set(text, position)
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
    throw new LoadError([`${where}: must be JSON, got ${(error as Error).message.split('\n')[0]}`])
  }
  return createVocabulary(entries, where)
}
