import { member } from '../processes/member'
import { Progress } from './progress'
import type { ReadyReport } from './readyBlock'

/** Reports events of a serving process to its operator, one line each, on standard error. */
export interface OperatorLines {
  /** Whether a person is watching; if so, lines may be rewritten and coloured. */
  readonly isTerminal: boolean
  line(text: string): void
  /** Shows progress until `work` is over; shows nothing if nobody is watching. `how` is called from time to time. */
  during<T>(work: Promise<T>, how: () => string): Promise<T>
  /** Shows a block in a terminal that says that the process serves. */
  ready(report: Omit<ReadyReport, 'afterMs'>): void
}

export function operatorLines(): OperatorLines {
  const { stderr } = process
  const isTerminal = stderr.isTTY === true && member === undefined
  const who = member === undefined ? '' : `process ${member.place}: `
  let progress: Progress | undefined
  return {
    isTerminal,
    line(text) {
      if (progress === undefined) console.error(who + text)
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
    ready(report) {
      const { readyBlock }: typeof import('./readyBlock') = require('./readyBlock')
      console.error(readyBlock({ ...report, afterMs: performance.now() }, stderr))
    },
  }
}
