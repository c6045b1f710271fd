import { LoadError } from './errors'
import { shortLine } from './files/shortLine'

/** The value of a JSON text; undefined if it is not JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The value of a JSON text of a file or an option. Throws a LoadError that says `where` it is and what it must be. */
export function parseJson(text: string, where: string, form = 'JSON'): unknown {
  try {
    // Some editors begin a file with a byte order mark, which the parsers of YAML and GraphQL skip too.
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new LoadError([`${where}: must be ${form}, got ${shortLine((error as SyntaxError).message)}`])
  }
}

/**
 * Where the string that begins with the quote at `from` has ended; the end of the text if it does not end. A regular
 * expression for it runs out of stack in long strings.
 */
export function stringEnd(text: string, from: number): number {
  let quote = from
  let backslashes: number
  do {
    quote = text.indexOf('"', quote + 1)
    if (quote === -1) return text.length
    backslashes = 0
    while (text[quote - 1 - backslashes] === '\\') backslashes++
  } while (backslashes % 2 === 1)
  return quote + 1
}
