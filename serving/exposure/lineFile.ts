import { type FileHandle, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '../../lib/clock'
import { makeFolder } from '../../lib/files/makeFolder'

export interface LineFileParts {
  readonly path: string
  readonly clock: Clock
  /** The most bytes that wait to be written; default 8 MiB. */
  readonly maxBytes?: number
  readonly lost: (reason: 'buffer-full' | 'write-failed', lines: number) => void
  /** Writes one line for the operator, when writing begins to fail and when it works again. */
  readonly log: (line: string) => void
}

/** How long lines are collected before a write. */
const gatherMs = 200
/** Node writes up to 512 KiB in one call. Longer writes could mix with those of another process. */
const maxWriteBytes = 256 * 1024

/**
 * A file to which lines are appended in the background. It may be moved away at any time, as logrotate does: before
 * each write, a path that no longer leads to the open file is opened anew. Each write contains whole lines in append
 * mode, so that processes can share a file.
 */
export class LineFile {
  private lines: string[] = []
  /** Bytes of lines that wait or are being written. */
  private bytes = 0
  private file: FileHandle | undefined
  private writing: Promise<void> | undefined
  private cancelFlush: (() => void) | undefined
  private isFailing = false
  /** Whether the file ends within a line, after a failed write or a crash. */
  private isTorn = false

  constructor(private readonly parts: LineFileParts) {}

  /** Opens the file, or anew if its path does not lead to it any more. Rejects if it cannot be written to. */
  async open(): Promise<void> {
    const { path } = this.parts
    if (this.file !== undefined) {
      const [there, ours] = await Promise.all([stat(path).catch(() => undefined), this.file.stat()])
      if (there?.ino === ours.ino && there.dev === ours.dev) return
      await this.file.close()
      this.file = undefined
    }
    await makeFolder(dirname(path))
    this.file = await open(path, 'a+')
    this.isTorn = await endsWithinLine(this.file)
  }

  add(line: string): void {
    const { maxBytes = 8 * 1024 * 1024, clock, lost } = this.parts
    const bytes = Buffer.byteLength(line) + 1
    if (this.bytes + bytes > maxBytes) {
      lost('buffer-full', 1)
      return
    }
    this.bytes += bytes
    this.lines.push(line)
    this.cancelFlush ??= clock.after(gatherMs, () => {
      this.cancelFlush = undefined
      void this.flush()
    })
  }

  /** Writes all waiting lines. Never rejects. */
  async flush(): Promise<void> {
    while (this.lines.length > 0 || this.writing !== undefined) {
      this.writing ??= this.write().finally(() => {
        this.writing = undefined
      })
      await this.writing
    }
  }

  /** Writes all waiting lines and closes the file. Nothing may be added after that. */
  async close(): Promise<void> {
    this.cancelFlush?.()
    await this.flush()
    await this.file?.close().catch(() => {})
    this.file = undefined
  }

  private async write(): Promise<void> {
    const { parts } = this
    const { lines, bytes } = this.takeLines()
    try {
      await this.open()
      await this.file!.appendFile(`${this.isTorn ? '\n' : ''}${lines.join('\n')}\n`)
      this.isTorn = false
      if (this.isFailing) parts.log(`${parts.path}: can be written to again`)
      this.isFailing = false
    } catch (error) {
      parts.lost('write-failed', lines.length)
      if (!this.isFailing) parts.log(`${parts.path}: cannot be written to: ${(error as Error).message}`)
      this.isFailing = true
      await this.file?.close().catch(() => {})
      this.file = undefined
    }
    this.bytes -= bytes
  }

  private takeLines(): { readonly lines: readonly string[]; readonly bytes: number } {
    let count = 0
    let bytes = 0
    while (count < this.lines.length && (count === 0 || bytes < maxWriteBytes)) {
      bytes += Buffer.byteLength(this.lines[count]) + 1
      count++
    }
    return { lines: this.lines.splice(0, count), bytes }
  }
}

async function endsWithinLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat()
  if (size === 0) return false
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] !== newline
}

const newline = 0x0a
