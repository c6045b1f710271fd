/** The work on one answer, as those see it who make long parts of it. */
export interface AnswerWork {
  /** The answer has been given as it was, or refused: nothing must be written into it any more. */
  readonly isClosed: boolean
  /** Nobody waits for the answer any more: it is closed, or its client has gone. */
  readonly isOver: boolean
  /** Counts values of the answer: fields of objects and items of lists. False where there are too many, and the answer was refused for it, or where the work is over; `where` names the field that has them. */
  takes(values: number, where: string): boolean
  /** Whether the work has had its part of this turn of the event loop, and should go on in a later one. */
  isTurnOver(): boolean
  /** Calls back in a later turn. Throws nothing that `resume` does not throw. */
  later(resume: () => void): void
}

/** Work that nothing bounds. */
export const unboundedWork: AnswerWork = {
  isClosed: false,
  isOver: false,
  takes: () => true,
  isTurnOver: () => false,
  later: (resume) => setImmediate(resume),
}
