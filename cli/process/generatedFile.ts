import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { LoadError } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'

/** A file that a command makes, as it should be now. */
export interface GeneratedFile {
  readonly path: string
  readonly content: string
}

/** Writes the files, or with `check` only compares: throws a LoadError that names each file that is not up to date. */
export function writeGenerated(files: readonly GeneratedFile[], command: string, check: boolean): void {
  const stale = staleFiles(files)
  if (check) {
    if (stale.length === 0) return
    throw new LoadError(
      stale.map(({ path }) => `${shortPath(path)}: must be what \`${command}\` writes, got another content`),
    )
  }
  for (const path of writeStale(files)) console.log(`wrote ${shortPath(path)}`)
}

/** Writes those of the files that are missing or hold something else, and answers their paths. */
export function writeStale(files: readonly GeneratedFile[]): readonly string[] {
  return staleFiles(files).map(({ path, content }) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return path
  })
}

/** Those of the files that are missing or hold something else. */
export function staleFiles(files: readonly GeneratedFile[]): readonly GeneratedFile[] {
  return files.filter(({ path, content }) => !existsSync(path) || readFileSync(path, 'utf8') !== content)
}
