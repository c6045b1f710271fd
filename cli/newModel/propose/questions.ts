import { createInterface } from 'node:readline/promises'
import { LoadError } from '../../../lib/errors'

/** What a command has to find out from whoever runs it. */
export interface Question {
  readonly text: string
  /** What is likely meant. */
  readonly proposal: string
  /** The option that answers it beforehand. Without one the proposal stands where nobody can be asked. */
  readonly option?: string
  /** What is wrong with an answer: `must be ...`. */
  readonly check?: (answer: string) => string | undefined
}

/** Asks in a terminal; else takes proposals, or notes which options are missing. */
export interface Questions {
  /** Whether somebody reads along. */
  readonly isTerminal: boolean
  ask(question: Question): Promise<string>
  /** Throws a LoadError with the options that are missing, if any are. */
  requireAnswers(): void
  close(): void
}

/** `takesProposals`: nothing is asked, and every proposal stands. */
export function openQuestions(takesProposals: boolean): Questions {
  if (takesProposals || !process.stdin.isTTY || !process.stderr.isTTY) return withoutTerminal(takesProposals)
  // Standard output is the result's, which may go to a file.
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
