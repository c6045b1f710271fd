import { type FSWatcher, statSync, watch } from 'node:fs'
import type { Clock } from '../../lib/clock'

export interface FolderWatchOptions {
  readonly folder: string
  /** Called soon after an entry came or went, and at every poll. */
  onChange(): void
  /** Default 1,000. */
  readonly pollMs?: number
  readonly clock: Clock
}

/**
 * Tells that a folder's entries may have changed, until `stop`: at once where the system tells, and regularly, since network file
 * systems tell nothing. Unlike the watch of a single file it waits for nothing: entries come whole, by link or rename.
 */
export class FolderWatch {
  private watcher: FSWatcher | undefined
  private watched: number | undefined
  private cancelPoll = () => {}
  private isStopped = false

  constructor(private readonly options: FolderWatchOptions) {
    this.watchFolder()
    this.pollLater()
  }

  stop(): void {
    this.isStopped = true
    this.cancelPoll()
    this.watcher?.close()
  }

  /** Without a folder, or where the system has no watch to give, the polls are left. */
  private watchFolder(): void {
    this.watcher?.close()
    this.watched = folderId(this.options.folder)
    try {
      const watcher = watch(this.options.folder, { persistent: false }, (_event, name) => {
        // What begins with a dot lies aside and is nothing yet.
        if (!this.isStopped && !name?.startsWith('.')) this.options.onChange()
      })
      watcher.on('error', () => watcher.close())
      this.watcher = watcher
    } catch {
      this.watcher = undefined
    }
  }

  private pollLater(): void {
    this.cancelPoll = this.options.clock.after(this.options.pollMs ?? 1000, () => {
      // A watch stays with its folder: one that was taken away, or exchanged, has to be watched anew.
      if (this.watcher === undefined || folderId(this.options.folder) !== this.watched) this.watchFolder()
      this.options.onChange()
      if (!this.isStopped) this.pollLater()
    })
  }
}

function folderId(folder: string): number | undefined {
  return statSync(folder, { throwIfNoEntry: false })?.ino
}
