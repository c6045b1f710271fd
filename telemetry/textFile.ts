import { fstatSync, write, writeSync } from 'node:fs'

export interface TextFileOptions {
  /** An open file descriptor. */
  readonly fd: number
  /** The most characters that wait to be written; further text is dropped. */
  readonly maxWaiting: number
}

/**
 * Writes lines to an open file in the background. What cannot be written now, because a disk is full or nobody reads, is
 * tried again until it can. (pino's own destination ends the process if a disk is full, and at exit retries forever.)
 *
 * Several processes may write to one pipe. Only up to 4096 bytes (`PIPE_BUF`) stay together there, so each write is of
 * whole lines that are no longer; a longer line may have those of others within it.
 */
export class TextFile {
  private waiting = ''
  private writing: Buffer | undefined
  /** What is written after that, before what waits. */
  private rest: Buffer = Buffer.alloc(0)
  /** Set while `writing` waits to be tried again, and no other thread has it. */
  private retry: NodeJS.Timeout | undefined
  private readonly mostAtOnce: number

  constructor(private readonly options: TextFileOptions) {
    this.mostAtOnce = fstatSync(options.fd).isFile() ? Number.POSITIVE_INFINITY : pipeBytes
  }

  /** The text is of whole lines. */
  write(text: string): void {
    if (this.waiting.length + text.length > this.options.maxWaiting) return
    this.waiting += text
    if (this.writing === undefined) this.writeNext()
  }

  /** Tries once to write the waiting text, for a process that ends now. Never throws. */
  flush(): void {
    const failed = this.retry === undefined ? [] : [this.writing!]
    clearTimeout(this.retry)
    let text = Buffer.concat([...failed, this.rest, this.takeWaiting()])
    this.rest = Buffer.alloc(0)
    try {
      while (text.length > 0) {
        const end = endOfLines(text, this.mostAtOnce)
        if (writeSync(this.options.fd, text, 0, end) < end) return
        text = text.subarray(end)
      }
    } catch {
      // Nobody is left to tell.
    }
  }

  private writeNext(): void {
    if (this.rest.length === 0) this.rest = this.takeWaiting()
    if (this.rest.length === 0) {
      this.writing = undefined
      return
    }
    const end = endOfLines(this.rest, this.mostAtOnce)
    this.writing = this.rest.subarray(0, end)
    this.rest = this.rest.subarray(end)
    this.writeOn()
  }

  private takeWaiting(): Buffer {
    const text = Buffer.from(this.waiting)
    this.waiting = ''
    return text
  }

  private readonly writeOn = (): void => {
    this.retry = undefined
    write(this.options.fd, this.writing!, this.written)
  }

  private readonly written = (error: Error | null, bytes: number): void => {
    if (error !== null) {
      this.retry = setTimeout(this.writeOn, retryMs).unref()
      return
    }
    this.writing = this.writing!.subarray(bytes)
    if (this.writing.length > 0) this.writeOn()
    else this.writeNext()
  }
}

/** Where the whole lines end that fit in so many bytes; if the first one does not, where that ends. */
function endOfLines(text: Buffer, most: number): number {
  if (text.length <= most) return text.length
  const fitting = text.lastIndexOf('\n', most - 1) + 1
  return fitting > 0 ? fitting : text.indexOf('\n') + 1 || text.length
}

const retryMs = 100
const pipeBytes = 4096
