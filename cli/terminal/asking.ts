import { createInterface } from 'node:readline/promises'
import { LoadError } from '../../lib/errors'

export interface Asking {
  /** Rejects with a LoadError if the questions are left, as by Ctrl-C or Ctrl-D. */
  ask(question: string): Promise<string>
  close(): void
}

/** Whether a person sees questions and can answer them. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true
}

/** Asks in the terminal, on standard error: standard output is for the result, which may go to a file. */
export function openAsking(): Asking {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const left = new AbortController()
  terminal.once('close', () => left.abort())
  return {
    ask: (question) =>
      terminal.question(question, { signal: left.signal }).catch((): never => {
        throw new LoadError(['nothing was written: the questions were left'])
      }),
    close: () => terminal.close(),
  }
}
