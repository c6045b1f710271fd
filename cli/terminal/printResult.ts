/** What every command takes that tells something. */
export interface JsonOption {
  /** Whether a program reads it. */
  readonly json?: boolean
}

/** What a command has to tell: its text for people, and its value for programs. */
export interface Told {
  readonly text: string
  readonly value: unknown
}

/** Prints it on standard output, for the reader that the options name. */
export function printResult({ text, value }: Told, { json = false }: JsonOption): void {
  console.log(json ? JSON.stringify(value, null, 2) : text)
}
