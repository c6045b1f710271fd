import { LoadError } from '../../lib/errors'

/** The options of every command that prints a result. */
export interface JsonOption {
  readonly json?: boolean
}

export const json = ['--json', 'print JSON'] as const

/** A command's result: its text for people, and its value for programs. */
export interface Told {
  readonly text: string
  readonly value: unknown
  /** False for exit code 1. */
  readonly isDone?: boolean
}

/** Prints what a check found, on standard output and with its exit code; without JSON, throws its problems as a LoadError. */
export function printChecked(problems: readonly string[], value: object, options: JsonOption): void {
  if (options.json) printResult({ text: '', value, isDone: problems.length === 0 }, options)
  else if (problems.length > 0) throw new LoadError(problems)
}

/** Prints the result on standard output, in the form that the options ask for, and sets the exit code. */
export function printResult({ text, value, isDone = true }: Told, { json = false }: JsonOption): void {
  console.log(json ? JSON.stringify(value, null, 2) : text)
  if (!isDone) process.exitCode = 1
}
