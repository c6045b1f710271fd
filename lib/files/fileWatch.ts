import { type FSWatcher, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Clock, systemClock } from '../clock'
import { readWithin } from './readWithin'

export interface FileWatchOptions {
  /** Absolute path. */
  readonly file: string
  /** What the file held when the watch began. */
  readonly text: string
  /** Told whenever the file holds another text than at the last time. */
  onChange(text: string): void
  /** Told when the file was written again with the text that it held. */
  onRewritten?(): void
  /** Told once when there is no file to be read any more. */
  onMissing(error: NodeJS.ErrnoException): void
  /** How often the file is looked at where the system tells nothing, in milliseconds; default 1,000. */
  readonly pollMs?: number
  /** A file that changed within this time may be half written and is not read yet; default 25 ms. */
  readonly quietMs?: number
  readonly clock?: Clock
}

const maxBytes = 64 * 2 ** 20

/**
 * Watches one file until `stop`. Its folder is what the system watches, since files are best exchanged by renaming another
 * to their name; a regular look finds what the system does not tell (network file systems, too many watches).
 *
 *     system tells ─┐
 *     poll is due ──┴─> look ── as it was read ──> wait
 *                        └── other times or size ── until it stays so for `quietMs` ──> read ──> onChange
 */
export class FileWatch {
  private readonly watcher: FSWatcher | undefined
  private readonly pollMs: number
  private readonly quietMs: number
  private readonly clock: Clock
  private cancelLook: () => void = () => {}
  private state: 'waiting' | 'due' | 'looking' | 'told while looking' | 'stopped' = 'waiting'
  private text: string
  /** Times and size of the file when `text` was read, and at the last look; empty where there was none. */
  private readAs = ''
  private seenAs = ''
  /** Since when it looks as it was last seen, in the clock's milliseconds. */
  private seenSince = 0
  private isMissingTold = false

  constructor(private readonly options: FileWatchOptions) {
    this.text = options.text
    this.pollMs = options.pollMs ?? 1000
    this.quietMs = options.quietMs ?? 25
    this.clock = options.clock ?? systemClock
    this.watcher = this.watchFolder()
    this.lookIn(0)
  }

  stop(): void {
    this.state = 'stopped'
    this.cancelLook()
    this.watcher?.close()
  }

  /** Undefined where the system has no watch to give. */
  private watchFolder(): FSWatcher | undefined {
    try {
      const watcher = watch(dirname(this.options.file), { persistent: false }, () => this.told())
      watcher.on('error', () => watcher.close())
      return watcher
    } catch {
      return undefined
    }
  }

  private told(): void {
    if (this.state === 'looking') this.state = 'told while looking'
    if (this.state !== 'waiting') return
    // Not at once: the system tells of every single write, also of the folder's other files.
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
    let waitMs: number
    try {
      waitMs = await this.lookOnce()
    } catch (error) {
      waitMs = this.miss(error as NodeJS.ErrnoException)
    }
    if (this.isStopped) return
    this.lookIn(this.wasTold ? Math.min(waitMs, this.quietMs) : waitMs)
  }

  /** Answers in how many milliseconds to look again. */
  private async lookOnce(): Promise<number> {
    const looksAs = await this.appearance()
    this.isMissingTold = false
    if (looksAs === this.readAs) return this.pollMs
    const now = this.clock.now()
    if (looksAs !== this.seenAs) {
      this.seenAs = looksAs
      this.seenSince = now
    }
    const quietInMs = this.seenSince + this.quietMs - now
    if (quietInMs > 0) return quietInMs
    const text = readWithin(this.options.file, maxBytes).toString()
    // Written to while it was read: what came may be neither the old text nor the new one.
    if ((await this.appearance()) !== looksAs) return this.quietMs
    const isFirst = this.readAs === ''
    this.readAs = looksAs
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

  /** A file that is exchanged may be away for a moment: only one that stays away is told of. */
  private miss(error: NodeJS.ErrnoException): number {
    const isFirst = this.seenAs !== ''
    this.seenAs = this.readAs = ''
    if (isFirst) return this.quietMs
    if (!this.isMissingTold && !this.isStopped) this.options.onMissing(error)
    this.isMissingTold = true
    return this.pollMs
  }

  // Asked after an await, where the compiler still believes what was known before it.
  private get isStopped(): boolean {
    return this.state === 'stopped'
  }

  private get wasTold(): boolean {
    return this.state === 'told while looking'
  }
}
