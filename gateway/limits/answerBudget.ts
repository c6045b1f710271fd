import { PresageError } from '../../lib/errors'

export interface AnswerBudget {
  /** Fields of objects and items of lists. */
  readonly values: number
  /** Bytes of its data as JSON. */
  readonly bytes: number
}

export const defaultAnswerBudget: AnswerBudget = Object.freeze({ values: 200_000, bytes: 16_777_216 })

/** `where` is the field at which it was exceeded or, before execution, that with most of the `estimated` values. */
export function answerTooLarge(
  limit: 'values' | 'bytes',
  { [limit]: maximum }: AnswerBudget,
  where: string,
  estimated?: number,
): PresageError {
  const came = estimated === undefined ? 'this one has more' : `this one asks for about ${estimated}`
  return new PresageError(
    'ANSWER_TOO_LARGE',
    `${where}: an answer may have at most ${maximum} ${limit}, and ${came}: ask for fewer items or fields`,
    { limit: limitNames[limit], maximum, field: where, ...(estimated !== undefined && { count: estimated }) },
  )
}

/** By the names of the configuration. */
const limitNames = { values: 'answerValues', bytes: 'answerBytes' } as const

/** Other answers use all the memory that the process allows for answers. */
export function noMemory(): PresageError {
  return new PresageError('OVERLOADED', 'other answers in progress already use all the memory for answers')
}
