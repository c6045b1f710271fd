/** One error of an answer, as far as clients may rely on it. */
export interface AnswerError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly locations?: readonly { readonly line: number; readonly column: number }[]
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** A response path. */
export type ResponsePlace = readonly (string | number)[]

/** What came of one operation, whoever ran it. */
export interface Answer {
  /** The data as JSON, keys in the order in which they came; undefined where there are none at all. */
  readonly dataText: string | undefined
  readonly errors: readonly AnswerError[]
  /** What its mutations did, in order. */
  readonly log: readonly string[]
  /** Where numbers stand that come of a model, or what they stand in: for who knows. */
  readonly predicted?: readonly ResponsePlace[]
}
