/** Asserts something that must always hold. A failure is our bug, never the caller's. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Bug: ${message}`)
}

/** The end of a switch over a tagged union: the compiler proves that no case was forgotten. */
export function unreachable(value: never): never {
  throw new Error(`Bug: unreachable case ${JSON.stringify(value)}`)
}
