import { readFileSync } from 'node:fs'
import { LoadError } from '../errors'
import { shortPath } from '../packagePaths'
import { readWithin } from './readWithin'

/** More than any schema, rule file or key needs. */
const maxBytes = 64 * 2 ** 20

/** The text of a file that a user named. Throws a LoadError if it cannot be read; `where` says where it was named. */
export function readTextFile(file: string, where: string | (() => string) = ''): string {
  try {
    return readWithin(file, maxBytes).toString()
  } catch (error) {
    throw unreadable(file, error as Error, typeof where === 'string' ? where : where())
  }
}

/** The text of a file; undefined if there is none, or none that can be read. */
export function textIfReadable(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Why a file cannot be read, given what `readWithin` throws. */
export function unreadable(file: string, error: NodeJS.ErrnoException, start = ''): LoadError {
  if (error instanceof LoadError) return new LoadError(error.problems.map((problem) => `${start}${problem}`))
  const { code, message } = error
  const came = code === 'ENOENT' ? `no such file${backslashHint(file)}` : (code ?? message)
  return new LoadError([`${start}${shortPath(file)}: must be a readable file, got ${came}`])
}

/** Where Presage runs, a backslash is part of a name, so a path from Windows leads nowhere. */
export function backslashHint(path: string): string {
  return path.includes('\\') ? '; write paths with / in place of \\' : ''
}
