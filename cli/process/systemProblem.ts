import { LoadError } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'

/**
 * One line for what the file system refused a command, such as a folder in which nothing may be written: its user can mend
 * that, and a stack does not help. Undefined for any other error.
 */
export function systemProblem(error: unknown): LoadError | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, syscall, path, dest = path, message } = error as NodeJS.ErrnoException & { dest?: string }
  if (code === undefined || syscall === undefined) return undefined
  // A full disk has no path.
  if (dest === undefined) return new LoadError([message])
  return new LoadError([
    `${shortPath(dest)}: must be a file or folder that this command can use, got ${code} (${syscall})`,
  ])
}
