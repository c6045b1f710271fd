import { type FileHandle, mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '../../lib/clock'

export interface LineFileParts {
  readonly path: string
  readonly clock: Clock
  /** Bytes that may wait to be written; 8 MiB unless said. */
  readonly maxBytes?: number
  /** How long lines are gathered, in milliseconds; 200 unless said. */
  readonly gatherMs?: number
  /** Told of lines that are lost. */
  readonly lost: (reason: 'buffer-full' | 'write-failed', lines: number) => void
  /** One line for the operator, when writing begins to fail and when it works again. */
  readonly log: (line: string) => void
}

/** Node writes up to 512 KiB at once; beyond that another process's lines could come in between. */
const maxWriteBytes = 256 * 1024

/**
 * A file that lines are appended to without anybody waiting. It may be moved away at any time, as logrotate does: before each write it is
 * looked whether the path still leads to the open file, and if not, that is closed and a new one opened. A line is written
 * whole by one write in append mode, so that processes can share a file.
 */
export class LineFile {
  private lines: string[] = []
  /** Of lines that wait or are being written. */
  private bytes = 0
  private file: FileHandle | undefined
  private writing: Promise<void> | undefined
  private cancelFlush: (() => void) | undefined
  private isFailing = false
  /** The open file ends with the beginning of a line: a write failed, or a process died of it. */
  private isTorn = false

  constructor(private readonly parts: LineFileParts) {}

  /** Opens the file, so that a path that cannot be written to is known at once. Rejects then. */
  async open(): Promise<void> {
    await this.reopen()
  }

  add(line: string): void {
    const { maxBytes = 8 * 1024 * 1024, gatherMs = 200, clock, lost } = this.parts
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

  /** Writes what waits. Never rejects. */
  async flush(): Promise<void> {
    while (this.lines.length > 0 || this.writing !== undefined) {
      this.writing ??= this.write().finally(() => {
        this.writing = undefined
      })
      await this.writing
    }
  }

  /** Writes what waits and closes the file; nothing may be added any more. */
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
      await this.reopen()
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

  private async reopen(): Promise<void> {
    const { path } = this.parts
    if (this.file !== undefined) {
      const [there, ours] = await Promise.all([stat(path).catch(() => undefined), this.file.stat()])
      if (there?.ino === ours.ino && there.dev === ours.dev) return
      await this.file.close()
      this.file = undefined
    }
    await mkdir(dirname(path), { recursive: true })
    this.file = await open(path, 'a+')
    this.isTorn = await endsWithinLine(this.file)
  }
}

async function endsWithinLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat()
  if (size === 0) return false
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] !== newline
}

const newline = 0x0a
