/**
 * An error whose log line says everything: its stack would only show our own code. `line` is for the log, and its
 * message for clients, where they see it.
 */
export class PlainError extends Error {
  override readonly name = 'PlainError'

  constructor(
    readonly line: string,
    message = line,
  ) {
    super(message)
  }
}
