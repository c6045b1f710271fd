import { shortPath } from '../../lib/packagePaths'

/** One line for an error of the file system that came when `path` was written. Throws what is no such error. */
export function writeProblem(path: string, kind: 'file' | 'folder', error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined) throw error
  return `${shortPath(path)}: must be a ${kind} that can be written to, got ${code}`
}
