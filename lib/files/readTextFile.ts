import { LoadError } from '../errors'
import { shortPath } from '../packagePaths'
import { readWithin } from './readWithin'

/** Schemas, rules, keys: more than any of them has. */
const maxBytes = 64 * 2 ** 20

/** The text of a file that a person named. Throws a LoadError if there is none; `where` says who named it. */
export function readTextFile(file: string, where = ''): string {
  try {
    return readWithin(file, maxBytes).toString()
  } catch (error) {
    if (error instanceof LoadError) throw new LoadError(error.problems.map((problem) => `${where}${problem}`))
    const { code, message } = error as NodeJS.ErrnoException
    const came = code === 'ENOENT' ? 'no such file' : (code ?? message)
    throw new LoadError([`${where}${shortPath(file)}: must be a readable file, got ${came}`])
  }
}
