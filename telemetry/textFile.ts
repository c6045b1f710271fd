import { write, writeSync } from 'node:fs'

export interface TextFileOptions {
  /** An open file descriptor. */
  readonly fd: number
  /** The most characters that wait to be written; further text is dropped. */
  readonly maxWaiting: number
}

/**
 * Writes text to an open file in the background. What cannot be written now, because a disk is full or nobody reads, is
 * tried again until it can. (pino's own destination ends the process if a disk is full, and at exit retries forever.)
 */
export class TextFile {
  private waiting = ''
  private writing: Buffer | undefined

  constructor(private readonly options: TextFileOptions) {}

  write(text: string): void {
    if (this.waiting.length + text.length > this.options.maxWaiting) return
    this.waiting += text
    if (this.writing === undefined) this.writeNext()
  }

  /** Tries once to write the waiting text, for a process that ends now. Never throws. */
  flush(): void {
    const text = this.waiting
    this.waiting = ''
    try {
      if (text !== '') writeSync(this.options.fd, text)
    } catch {
      // Nobody is left to tell.
    }
  }

  private writeNext(): void {
    if (this.waiting === '') {
      this.writing = undefined
      return
    }
    this.writing = Buffer.from(this.waiting)
    this.waiting = ''
    this.writeOn()
  }

  private readonly writeOn = (): void => {
    write(this.options.fd, this.writing!, this.written)
  }

  private readonly written = (error: Error | null, bytes: number): void => {
    if (error !== null) {
      setTimeout(this.writeOn, retryMs).unref()
      return
    }
    this.writing = this.writing!.subarray(bytes)
    if (this.writing.length > 0) this.writeOn()
    else this.writeNext()
  }
}

const retryMs = 100
