import type { Arbitrary } from 'fast-check'

/** Inputs of one kind, and the real code that they are given to. */
export interface Kind<T = unknown> {
  readonly inputs: Arbitrary<T>
  /**
   * Gives the code one input. Throws, or rejects with, what is wrong: the input was neither taken nor refused as it should be.
   */
  feed(input: T): Outcome | Promise<Outcome>
  /** The input, for people. */
  show(input: T): string
  /** The longest that one input may take, in milliseconds. */
  readonly limitMs: number
  /** How many inputs are under way at once; absent: one. */
  readonly width?: number
  close?(): Promise<void>
}

export type Outcome = 'taken' | 'refused'

/** Hides the type of the inputs from those who only pass them on. */
export function kindOf<T>(kind: Kind<T>): Kind {
  return kind as Kind
}
