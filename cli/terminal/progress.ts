import type { Screen } from './colours'

export interface ProgressOptions {
  /** Default: standard error, so that what is printed can be piped on. */
  readonly screen?: Screen
  /** In milliseconds. */
  readonly now?: () => number
}

/** What is over sooner shows nothing. */
const patienceMs = 1_000
/** No eye sees more. */
const betweenMs = 100

/**
 * Tells how far something is that may take long: one line of a terminal, rewritten in place and gone at the end. A pipe or a file gets
 * nothing.
 */
export class Progress {
  private readonly screen: Screen
  private readonly now: () => number
  private readonly begun: number
  private shownAt = Number.NEGATIVE_INFINITY
  private shown = ''

  constructor({ screen = process.stderr, now = () => performance.now() }: ProgressOptions = {}) {
    this.screen = screen
    this.now = now
    this.begun = now()
  }

  /** `text` is made only if it is shown. */
  tell(text: () => string): void {
    if (this.screen.isTTY !== true) return
    const now = this.now()
    if (now - this.begun < patienceMs || now - this.shownAt < betweenMs) return
    this.shownAt = now
    this.show(text())
  }

  /** Prints a line above, there or to `output`. */
  print(line: string, output: Pick<Screen, 'write'> = this.screen): void {
    const { shown } = this
    this.end()
    output.write(`${line}\n`)
    if (shown !== '') this.show(shown)
  }

  end(): void {
    if (this.shown !== '') this.screen.write(clearLine)
    this.shown = ''
  }

  private show(text: string): void {
    // A longer line would break, and its first part would stay.
    const columns = this.screen.columns || 80
    this.shown = text.length < columns ? text : `${text.slice(0, columns - 2)}…`
    this.screen.write(`${clearLine}${this.shown}`)
  }
}

/** Back to the start of the line, which is emptied. */
const clearLine = '\r\u001b[K'
