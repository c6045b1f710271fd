import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../lib/packagePaths'

/** Files of this repository whose path below a folder matches, by path. */
export function textsBelow(folder: string, pattern: RegExp): string[] {
  const root = join(packageRoot, folder)
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => pattern.test(path))
    .sort()
    .map((path) => readFileSync(join(root, path), 'utf8'))
}
