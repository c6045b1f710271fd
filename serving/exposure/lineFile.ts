import { type FileHandle, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '../../lib/clock'
import { makeFolder } from '../../lib/files/makeFolder'
import type { Counter } from '../../lib/metrics'

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
/** Longer texts would hold up the event loop while they are made. */
const maxWriteBytes = 256 * 1024

interface Line {
  readonly text: string
  /** Counts the line when it is in the file. */
  readonly counter: Counter | undefined
}

/**
 * A file to which lines are appended in the background. It may be moved away at any time, as logrotate does: before
 * each write, a path that no longer leads to the open file is opened anew. Each write contains whole lines in append
 * mode, so that processes can share a file. A full disk or a kill may still end any process's write within a line, so
 * each write first ends the line that it finds unfinished.
 */
export class LineFile {
  private lines: Line[] = []
  /** Bytes of lines that wait or are being written. */
  private bytes = 0
  private file: FileHandle | undefined
  private writing: Promise<void> | undefined
  private cancelFlush: (() => void) | undefined
  private isFailing = false

  constructor(private readonly parts: LineFileParts) {}

  /** Opens the file, or anew if its path does not lead to it any more. Rejects if it cannot be written to. */
  async open(): Promise<FileHandle> {
    const { path } = this.parts
    if (this.file !== undefined) {
      const [there, ours] = await Promise.all([stat(path).catch(() => undefined), this.file.stat()])
      if (there?.ino === ours.ino && there.dev === ours.dev) return this.file
      await this.file.close()
      this.file = undefined
    }
    await makeFolder(dirname(path))
    this.file = await open(path, 'a+')
    return this.file
  }

  /** `counter` counts the line when it is in the file. */
  add(text: string, counter?: Counter): void {
    const { maxBytes = 8 * 1024 * 1024, clock, lost } = this.parts
    const bytes = bytesOf(text)
    if (this.bytes + bytes > maxBytes) {
      lost('buffer-full', 1)
      return
    }
    this.bytes += bytes
    this.lines.push({ text, counter })
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
    let written = 0
    try {
      // After a write that was cut short, the next one goes on with the line that was torn, or fails and says why.
      while (written < lines.length) {
        const rest = lines.slice(written)
        const count = await append(await this.open(), rest)
        for (const { counter } of rest.slice(0, count)) counter?.inc()
        written += count
      }
      if (this.isFailing) parts.log(`${parts.path}: can be written to again`)
      this.isFailing = false
    } catch (error) {
      parts.lost('write-failed', lines.length - written)
      if (!this.isFailing) parts.log(`${parts.path}: cannot be written to: ${(error as Error).message}`)
      this.isFailing = true
      await this.file?.close().catch(() => {})
      this.file = undefined
    }
    this.bytes -= bytes
  }

  private takeLines(): { readonly lines: readonly Line[]; readonly bytes: number } {
    let count = 0
    let bytes = 0
    while (count < this.lines.length && (count === 0 || bytes < maxWriteBytes)) {
      bytes += bytesOf(this.lines[count].text)
      count++
    }
    return { lines: this.lines.splice(0, count), bytes }
  }
}

/** Appends lines with one write. Resolves with how many of them are in the file whole. */
async function append(file: FileHandle, lines: readonly Line[]): Promise<number> {
  const start = (await endsWithinLine(file)) ? '\n' : ''
  const { bytesWritten } = await file.write(`${start}${lines.map(({ text }) => text).join('\n')}\n`)
  let end = start.length
  let count = 0
  for (const { text } of lines) {
    end += bytesOf(text)
    // The next write adds a line break that is missing.
    if (end - 1 > bytesWritten) break
    count++
  }
  return count
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text) + 1
}

export async function endsWithinLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat()
  if (size === 0) return false
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer[0] !== newline
}

const newline = 0x0a
