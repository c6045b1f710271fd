import { PresageError } from '../../../lib/errors'
import { stringEnd } from '../../../lib/readJson'

/**
 * Parses JSON in UTF-8 such that whole numbers beyond the safe range are not rounded: they become BigInt, unless they have
 * more digits than 64 bits. Throws `BAD_REQUEST`.
 */
export function parseExactJson(bytes: Buffer): unknown {
  let text: string
  try {
    text = strict.decode(bytes)
    const rounded: unknown = JSON.parse(text)
    if (!longDigits.test(text)) return rounded
    // From here on every text in it has an end.
    const mark = `#${Math.random()}:`
    const whole = [JSON.parse(withMarked(text, mark))]
    unmark(whole, mark)
    return whole[0]
  } catch (error) {
    throw new PresageError('BAD_REQUEST', `body: must be JSON in UTF-8, got ${(error as Error).message}`)
  }
}

/** The text with each long number as a string that begins with the mark. */
function withMarked(text: string, mark: string): string {
  const quoteOrLong = new RegExp(quoteOrLongNumber, 'g')
  let marked = ''
  let from = 0
  for (let found = quoteOrLong.exec(text); found !== null; found = quoteOrLong.exec(text)) {
    const [piece] = found
    if (piece === '"') quoteOrLong.lastIndex = stringEnd(text, found.index)
    else {
      marked += `${text.slice(from, found.index)}"${mark}${piece}"`
      from = quoteOrLong.lastIndex
    }
  }
  return marked + text.slice(from)
}

/** Puts numbers in the place of marked strings. JSON's own reviver takes a microsecond for each value. */
function unmark(root: unknown[], mark: string): void {
  const open: object[] = [root]
  const look = (holder: Record<number | string, unknown>, key: number | string): void => {
    const value = holder[key]
    if (typeof value === 'object') {
      if (value !== null) open.push(value)
    } else if (typeof value === 'string' && value.startsWith(mark)) {
      const digits = value.slice(mark.length)
      holder[key] = Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits)
    }
  }
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const holder = next as Record<number | string, unknown>
    if (Array.isArray(next)) for (let at = 0; at < next.length; at++) look(holder, at)
    else for (const key of Object.keys(next)) look(holder, key)
  }
}

/** Writes JSON in which BigInt values are whole numbers. */
export function exactJsonOf(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `[${value.map(exactJsonOf).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${exactJsonOf(one)}`).join(',')}}`
}

const longDigits = /\d{16}/
/** Where a text begins, or a whole number of 16 to 20 digits. Longer ones fit no type, and would take long to convert. */
const quoteOrLongNumber = /"|(?<![\d.eE+])-?\d{16,20}(?![\d.eE])/
const strict = new TextDecoder('utf-8', { fatal: true })
