import { Progress } from './progress'

/** Where a serving process tells its operator what happens, a line each, on standard error. */
export interface OperatorLines {
  /** Whether a person looks on: then what follows may be rewritten, and have colours. */
  readonly isTerminal: boolean
  line(text: string): void
  /** Shows how far something is until it is over; nothing where nobody looks on. `how` is asked now and then. */
  during<T>(work: Promise<T>, how: () => string): Promise<T>
}

export function operatorLines(): OperatorLines {
  const { stderr } = process
  const isTerminal = stderr.isTTY === true
  let progress: Progress | undefined
  return {
    isTerminal,
    line(text) {
      if (progress === undefined) console.error(text)
      else progress.print(text)
    },
    async during(work, how) {
      if (!isTerminal) return work
      const shown = new Progress({ screen: stderr })
      progress = shown
      const timer = setInterval(() => shown.tell(how), 100)
      try {
        return await work
      } finally {
        clearInterval(timer)
        progress = undefined
        shown.end()
      }
    },
  }
}
