/** The options of every command that prints a result. */
export interface JsonOption {
  readonly json?: boolean
}

/** A command's result: its text for people, and its value for programs. */
export interface Told {
  readonly text: string
  readonly value: unknown
}

/** Prints the result on standard output, in the form that the options ask for. */
export function printResult({ text, value }: Told, { json = false }: JsonOption): void {
  console.log(json ? JSON.stringify(value, null, 2) : text)
}
