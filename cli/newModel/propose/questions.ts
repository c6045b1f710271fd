import { createInterface } from 'node:readline/promises'
import { LoadError } from '../../../lib/errors'

/** Something that a command must learn from its user. */
export interface Question {
  readonly text: string
  readonly proposal: string
  /** The option that answers it in advance. Without one, the proposal is taken if nobody can be asked. */
  readonly option?: string
  /** Returns what is wrong with an answer: `must be ...`. */
  readonly check?: (answer: string) => string | undefined
}

/** Asks in a terminal. Elsewhere, takes the proposals, or notes which options are missing. */
export interface Questions {
  /** Whether a person can be asked. */
  readonly isTerminal: boolean
  ask(question: Question): Promise<string>
  /** Throws a LoadError that lists the missing options, if there are any. */
  requireAnswers(): void
  close(): void
}

/** With `takesProposals`, nothing is asked and every proposal is taken. */
export function openQuestions(takesProposals: boolean): Questions {
  if (takesProposals || !process.stdin.isTTY || !process.stderr.isTTY) return withoutTerminal(takesProposals)
  // Standard output is for the result, which may go to a file.
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const left = new AbortController()
  terminal.once('close', () => left.abort())
  const answerTo = (line: string) =>
    terminal.question(line, { signal: left.signal }).catch((): never => {
      throw new LoadError(['nothing was written: the questions were left'])
    })
  return {
    isTerminal: true,
    async ask({ text, proposal, check }) {
      for (;;) {
        const answer = (await answerTo(`${text} [${proposal}] `)).trim() || proposal
        const problem = check?.(answer)
        if (problem === undefined) return answer
        process.stderr.write(`${problem}\n`)
      }
    },
    requireAnswers() {},
    close: () => terminal.close(),
  }
}

function withoutTerminal(takesProposals: boolean): Questions {
  const missing: string[] = []
  return {
    isTerminal: false,
    async ask({ proposal, option, check }) {
      const problem = check?.(proposal)
      if (option !== undefined && problem !== undefined)
        missing.push(`${option}: ${problem}, got ${proposal}`)
      else if (option !== undefined && !takesProposals) {
        missing.push(
          `${option}: must be given where there is no terminal to ask in, or --yes for ${proposal}`,
        )
      }
      return proposal
    },
    requireAnswers() {
      if (missing.length > 0) throw new LoadError(missing)
    },
    close() {},
  }
}
