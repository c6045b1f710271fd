import type { Screen } from './colours'

export interface ProgressOptions {
  /** Default: standard error, so that standard output can be piped. */
  readonly screen?: Screen
  /** In milliseconds. */
  readonly now?: () => number
}

/** Shorter work shows nothing. */
const patienceMs = 1_000
/** Nobody can read faster updates. */
const betweenMs = 100

/** The progress of long work: a line of a terminal, rewritten in place and removed at the end; nothing in a pipe. */
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

  /** `text` is called only if it is shown. */
  tell(text: () => string): void {
    if (this.screen.isTTY !== true) return
    const now = this.now()
    if (now - this.begun < patienceMs || now - this.shownAt < betweenMs) return
    this.shownAt = now
    this.show(text())
  }

  /** Prints a line above the progress, to the screen or to `output`. */
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
    // A longer line would wrap, and its first part could not be removed.
    const columns = this.screen.columns || 80
    this.shown = text.length < columns ? text : `${text.slice(0, columns - 2)}…`
    this.screen.write(`${clearLine}${this.shown}`)
  }
}

/** Moves to the start of the line and clears it. */
const clearLine = '\r\u001b[K'
