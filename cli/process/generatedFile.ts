import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { LoadError } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'
import { writeProblem } from './writeProblem'

/** A generated file with the content that it should have. */
export interface GeneratedFile {
  readonly path: string
  readonly content: string
}

/** Paths of files that were written, and of files that were up to date. */
export interface Written {
  readonly written: readonly string[]
  readonly upToDate: readonly string[]
}

/** Writes the files. With `check`, throws a LoadError that names each file that is not up to date. */
export function writeGenerated(files: readonly GeneratedFile[], command: string, check: boolean): Written {
  const stale = staleFiles(files)
  if (check && stale.length > 0) {
    throw new LoadError(
      stale.map(
        ({ path }) => `${shortPath(path)}: must be what \`${command}\` writes, got different content`,
      ),
    )
  }
  const written = writeStale(files)
  const upToDate = files.map(({ path }) => path).filter((path) => !written.includes(path))
  return { written: written.map(shortPath), upToDate: upToDate.map(shortPath) }
}

/**
 * Writes the files that are missing or out of date, and returns their paths. Throws a LoadError that names each file that
 * cannot be written.
 */
export function writeStale(files: readonly GeneratedFile[]): readonly string[] {
  const stale = staleFiles(files)
  const problems = stale.flatMap(({ path, content }) => {
    try {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content)
      return []
    } catch (error) {
      return [writeProblem(path, 'file', error)]
    }
  })
  if (problems.length > 0) throw new LoadError(problems)
  return stale.map(({ path }) => path)
}

export function writtenLines({ written, upToDate }: Written): readonly string[] {
  return [...written.map((path) => `wrote ${path}`), ...upToDate.map((path) => `${path} is up to date`)]
}

export function staleFiles(files: readonly GeneratedFile[]): readonly GeneratedFile[] {
  return files.filter(({ path, content }) => contentOf(path) !== content)
}

/** Undefined if there is none, or none that can be read: writing it then tells why. */
function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
