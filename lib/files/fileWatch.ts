import type { FSWatcher } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Clock, systemClock } from '../clock'
import type { LoadError } from '../errors'
import { unreadable } from './readTextFile'
import { readWithin } from './readWithin'
import { isFolderItself, watchFolder } from './watchFolder'

export interface FileWatchOptions {
  /** Absolute path. */
  readonly file: string
  /** The text of the file when the watch began. */
  readonly text: string
  onChange(text: string): void
  /** Called when the file was written again with the same text. */
  onRewritten?(): void
  /** Called once when the file cannot be read any more. */
  onMissing(error: LoadError): void
  /** Called when a file that was missing can be read again, before `onChange` if its text is another one. */
  onFound?(): void
  /** How often to check the file where the system reports no changes, in milliseconds; default 1,000. */
  readonly pollMs?: number
  /** A file that changed within this time may be half written and is not read yet; default 25 ms. */
  readonly quietMs?: number
  readonly clock?: Clock
}

const maxBytes = 64 * 2 ** 20

/**
 * Watches one file until `stop`. The system watches its folder, since files are usually replaced by a rename. Polling
 * finds changes that the system does not report (network file systems, too many watches).
 *
 *     system reports ─┐
 *     poll is due ────┴─> look ── unchanged since it was read ──> wait
 *                          └── other times or size ── unchanged for `quietMs` ──> read ──> onChange
 */
export class FileWatch {
  /** Undefined as long as the system cannot watch the file's folder. */
  private watcher: FSWatcher | undefined
  private readonly pollMs: number
  private readonly quietMs: number
  private readonly clock: Clock
  private cancelLook: () => void = () => {}
  private state: 'waiting' | 'due' | 'looking' | 'told while looking' | 'stopped' = 'waiting'
  private text: string
  /** Times and size of the file when `text` was read, and at the last check; empty if there was no file. */
  private readAs = ''
  private seenAs = ''
  /** Since when these are unchanged, in the clock's milliseconds. */
  private seenSince = 0
  /** Whether the last attempt to read it succeeded. */
  private isRead = false
  private isMissingTold = false

  constructor(private readonly options: FileWatchOptions) {
    this.text = options.text
    this.pollMs = options.pollMs ?? 1000
    this.quietMs = options.quietMs ?? 25
    this.clock = options.clock ?? systemClock
    this.lookIn(0)
  }

  stop(): void {
    this.state = 'stopped'
    this.cancelLook()
    this.watcher?.close()
  }

  private watch(): void {
    const folder = dirname(this.options.file)
    this.watcher ??= watchFolder(folder, (name) => {
      if (isFolderItself(folder, name)) {
        this.watcher?.close()
        this.watcher = undefined
      }
      this.told()
    })
  }

  private told(): void {
    if (this.state === 'looking') this.state = 'told while looking'
    if (this.state !== 'waiting') return
    // Delayed, because the system reports every single write, even of the folder's other files.
    this.lookIn(Math.min(this.quietMs, 10))
    this.state = 'due'
  }

  private lookIn(ms: number): void {
    this.cancelLook()
    this.cancelLook = this.clock.after(ms, () => this.look())
    this.state = 'waiting'
  }

  private async look(): Promise<void> {
    this.state = 'looking'
    this.watch()
    let waitMs: number
    try {
      waitMs = await this.lookOnce()
    } catch (error) {
      waitMs = this.miss(error as NodeJS.ErrnoException)
    }
    if (this.isStopped) return
    this.lookIn(this.wasTold ? Math.min(waitMs, this.quietMs) : waitMs)
  }

  /** Returns in how many milliseconds to check again. */
  private async lookOnce(): Promise<number> {
    const looksAs = await this.appearance()
    if (looksAs === this.readAs) return this.pollMs
    const now = this.clock.now()
    if (looksAs !== this.seenAs) {
      this.seenAs = looksAs
      this.seenSince = now
    }
    const quietInMs = this.seenSince + this.quietMs - now
    if (quietInMs > 0) return quietInMs
    const text = readWithin(this.options.file, maxBytes).toString()
    this.isRead = true
    // It was written to while it was read, so the text may be a mixture.
    if ((await this.appearance()) !== looksAs) return this.quietMs
    const isFirst = this.readAs === ''
    this.readAs = looksAs
    if (this.isMissingTold && !this.isStopped) this.options.onFound?.()
    this.isMissingTold = false
    if (text !== this.text && !this.isStopped) {
      this.text = text
      this.options.onChange(text)
    } else if (!isFirst && !this.isStopped) this.options.onRewritten?.()
    return this.pollMs
  }

  private async appearance(): Promise<string> {
    const { ino, size, mtimeNs, ctimeNs } = await stat(this.options.file, { bigint: true })
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`
  }

  /** A file that is being replaced may be missing for a moment. It is reported only if it stays missing. */
  private miss(error: NodeJS.ErrnoException): number {
    const isFirst = this.isRead
    this.isRead = false
    this.seenAs = this.readAs = ''
    if (isFirst) return this.quietMs
    if (!this.isMissingTold && !this.isStopped) this.options.onMissing(unreadable(this.options.file, error))
    this.isMissingTold = true
    return this.pollMs
  }

  // A getter, because after an await the compiler still assumes the previous state.
  private get isStopped(): boolean {
    return this.state === 'stopped'
  }

  private get wasTold(): boolean {
    return this.state === 'told while looking'
  }
}
