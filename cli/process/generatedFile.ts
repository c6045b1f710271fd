import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { LoadError, show } from '../../lib/errors'
import { textIfReadable } from '../../lib/files/readTextFile'
import { shortPath } from '../../lib/packagePaths'
import { writeProblem } from './writeProblem'

/** A generated file with the content that it should have. */
export interface GeneratedFile {
  readonly path: string
  readonly content: string
  /** The setting that names the path. A file there that was not generated is somebody's, and stays. */
  readonly key?: string
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
  const problems = stale.flatMap(({ path, content, key }) => {
    // Of one that cannot be read, writing it tells why.
    const there = textIfReadable(path)
    if (key !== undefined && there !== undefined && !isGenerated(there, content)) {
      const begins = show(there.trimStart().split('\n')[0].slice(0, 40).trimEnd())
      return [
        `${shortPath(path)}: ${key} must name a new file or one that Presage has generated for it, since it is overwritten, got one that begins with ${begins}`,
      ]
    }
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
  return files.filter(({ path, content }) => textIfReadable(path) !== content)
}

/** By the beginning, which says so, however a formatter spaces it. Nothing is lost with an empty file. */
function isGenerated(there: string, content: string): boolean {
  const beginning = (text: string) => text.replace(/\s/g, '').slice(0, 30)
  return there.trim() === '' || beginning(there) === beginning(content)
}
