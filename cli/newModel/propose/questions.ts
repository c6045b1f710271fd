import { LoadError } from '../../../lib/errors'
import { canAsk, openAsking } from '../../terminal/asking'

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
  if (takesProposals || !canAsk()) return withoutTerminal(takesProposals)
  const terminal = openAsking()
  return {
    isTerminal: true,
    async ask({ text, proposal, check }) {
      for (;;) {
        const answer = (await terminal.ask(`${text} [${proposal}] `)).trim() || proposal
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
