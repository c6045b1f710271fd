/** Says that something cannot happen. A failure is a bug of ours, never of a caller. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Bug: ${message}`)
}

/** The end of a switch over a tagged union: the compiler proves that no case was forgotten. */
export function unreachable(value: never): never {
  throw new Error(`Bug: unreachable case ${JSON.stringify(value)}`)
}
