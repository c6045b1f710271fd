import type { AnswerError } from './answer'

/**
 * All in which a right answer may differ from that of graphql-js over the whole graph, and why. Whatever is not here must be the same.
 *
 * - The order of errors: the specification does not say one.
 * - Which errors stand below a null that they led to: "if all fields ... are nulled, only one error need be reported"; who runs fields at
 *   once, or one after the other, meets others. At least one is needed.
 * - The last digits of numbers that a model made (`isSamePrediction`).
 * - Texts and codes of refusals of a whole operation (`isRefused`): they are each server's own.
 */

const internal = 'INTERNAL_SERVER_ERROR'

/** How fields of the example service fail that refuse what they are asked. */
const refusals: ReadonlySet<string> = new Set([
  'BAD_FEATURE',
  'BAD_USER_INPUT',
  'FORBIDDEN',
  'MODEL_NOT_FOUND',
])

/**
 * Whether a request was refused for a value of a team's scalar. What is one, only its subgraph knows: there it is an error of the fields
 * that were given the value.
 */
export function isForItsSubgraph({ message }: AnswerError): boolean {
  return / got invalid value .*; an? (Long|Mark|Json) must /.test(message)
}

/**
 * An error without a code is a server's own fault, which some say by a code; but for an argument that a client's variables made wrong,
 * which graphql-js gives no code either.
 */
export function codeOf({ extensions, message }: AnswerError): string {
  const code = extensions?.['code']
  if (typeof code === 'string' && code !== internal) return code
  return /^Argument ".*" (of (required|non-null) type .* (was not provided|must not be null)|has invalid value)/s.test(
    message,
  )
    ? 'BAD_USER_INPUT'
    : internal
}

/** An error that graphql-js did not report, below a null that it reported another one for. It must at least be one that fields have. */
export function isAllowedBelowNull(error: AnswerError): boolean {
  const code = codeOf(error)
  return code === internal || code.startsWith('FAILED_') || refusals.has(code)
}

/**
 * The error of a field that another one requires, and that the client did not ask for: it stands at the object, which is null for another
 * reason that is told as well.
 */
export function isOfARequiredField(error: AnswerError, expected: readonly AnswerError[]): boolean {
  const depth = error.path?.length ?? 0
  return codeOf(error) === internal && expected.every(({ path }) => (path?.length ?? 0) > depth)
}

/**
 * A field that could not be asked for, since a field that it requires was lost with its object: in a subgraph one field that must not be
 * null takes the whole object with it. Below a null, where that field's own error is told, it may be told as well.
 */
export function isForWantOfAnother(error: AnswerError): boolean {
  return codeOf(error) === 'UPSTREAM_FAILED'
}

/**
 * The text of an error that nobody meant for clients: servers may hide it; and a null where none may be is told with the name of the type
 * that has it, which is an interface's in a subgraph that knows nothing else.
 */
export function knowsNothingOf(error: AnswerError): boolean {
  return codeOf(error) === internal
}

/**
 * Where an error stands in the document: an argument's own error stands at the value with graphql-js, while who runs the field elsewhere
 * knows the field; and of an object that was lost with the error nobody knows any more of which type it was, and so which of the fields
 * that a document has for several types were its own.
 */
export function mayStandElsewhere({ message }: AnswerError, isBelowNull: boolean): boolean {
  return isBelowNull || message.startsWith('Argument "')
}

/**
 * Numbers that a model made: graphs compute with 32 bits, and sum in an order that depends on how many rows are in a batch; so the same row
 * has other last digits beside other rows.
 */
export function isSamePrediction(expected: number, got: number): boolean {
  return Math.abs(expected - got) <= 1e-5 * Math.max(Math.abs(expected), Math.abs(got))
}
