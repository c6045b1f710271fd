import { type FSWatcher, statSync } from 'node:fs'
import type { Clock } from '../../lib/clock'
import { watchFolder } from '../../lib/files/watchFolder'

export interface FolderWatchOptions {
  readonly folder: string
  /** Called soon after an entry was added or removed. */
  onChange(): void
  readonly clock: Clock
}

/**
 * Reports, until `stop`, that a folder's entries may have changed: at once where the system reports changes, and after a
 * poll, since network file systems report none. Unlike FileWatch it need not wait for writes to finish: entries
 * appear complete, by link or rename.
 */
export class FolderWatch {
  private watcher: FSWatcher | undefined
  /** The folder as it looked at the last poll. */
  private seen: FolderState
  private cancelPoll = () => {}
  private isStopped = false

  constructor(private readonly options: FolderWatchOptions) {
    this.seen = stateOf(options.folder)
    this.watchFolder()
    this.pollLater()
  }

  stop(): void {
    this.isStopped = true
    this.cancelPoll()
    this.watcher?.close()
  }

  /** If the folder is missing or the system cannot watch it, the polls have to do. */
  private watchFolder(): void {
    this.watcher?.close()
    this.watcher = watchFolder(this.options.folder, (name) => {
      // Names with a leading dot are temporary files.
      if (!this.isStopped && !name?.startsWith('.')) this.options.onChange()
    })
  }

  private pollLater(): void {
    this.cancelPoll = this.options.clock.after(pollMs, () => {
      const { seen } = this
      this.seen = stateOf(this.options.folder)
      // A watch stays with its folder, so a folder that was replaced has to be watched anew.
      if (this.watcher === undefined || this.seen.id !== seen.id) this.watchFolder()
      if (this.seen.id !== seen.id || this.seen.changedMs !== seen.changedMs) this.options.onChange()
      if (!this.isStopped) this.pollLater()
    })
  }
}

const pollMs = 1000

interface FolderState {
  /** Absent if there is no folder. */
  readonly id?: number
  readonly changedMs?: number
}

function stateOf(folder: string): FolderState {
  const stats = statSync(folder, { throwIfNoEntry: false })
  return stats === undefined ? {} : { id: stats.ino, changedMs: stats.mtimeMs }
}
