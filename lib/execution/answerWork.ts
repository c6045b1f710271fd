/** The work on one answer, for code that makes long parts of it. */
export interface AnswerWork {
  /** Whether the answer was given or refused. Nothing may be written into it any more. */
  readonly isClosed: boolean
  /** Whether nobody waits for the answer any more: it is closed, or its client has gone. */
  readonly isOver: boolean
  /**
   * Counts values of the answer: fields of objects and items of lists. Returns false if there are too many, which
   * refuses the answer, or if the work is over. `where` names the field that has the values.
   */
  takes(values: number, where: string): boolean
  /** Whether the work has used up its share of this turn of the event loop, and should continue in a later one. */
  isTurnOver(): boolean
  /** Calls back in a later turn. Throws only what `resume` throws. */
  later(resume: () => void): void
}

/** Work without any limits. */
export const unboundedWork: AnswerWork = {
  isClosed: false,
  isOver: false,
  takes: () => true,
  isTurnOver: () => false,
  later: (resume) => setImmediate(resume),
}
