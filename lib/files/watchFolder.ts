import { type FSWatcher, watch } from 'node:fs'
import { basename } from 'node:path'

/**
 * Has the system report changes in a folder, with the name of the entry where it knows it. Undefined if it cannot watch
 * the folder. Does not keep the process alive.
 */
export function watchFolder(folder: string, changed: (name: string | null) => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, (_, name) => changed(name))
    return watcher.on('error', () => watcher.close())
  } catch {
    return undefined
  }
}

/**
 * Whether a reported name may be that of the folder itself, as the system calls it. A watcher stays with a folder that is
 * renamed or deleted, whatever takes its place.
 */
export function isFolderItself(folder: string, name: string | null): boolean {
  return name === basename(folder)
}
