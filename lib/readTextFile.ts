import { readFileSync } from 'node:fs'
import { shortPath } from './compiled'
import { LoadError } from './errors'

/** The text of a file that a person named. Throws a LoadError if there is none; `where` says who named it. */
export function readTextFile(file: string, where = ''): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const came = code === 'ENOENT' ? 'no such file' : (code ?? message)
    throw new LoadError([`${where}${shortPath(file)}: must be a readable file, got ${came}`])
  }
}
