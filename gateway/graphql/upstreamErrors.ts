import type { GraphQLFormattedError } from 'graphql'
import { PlainError, PresageError } from '../../lib/errors'
import { shortLine } from '../../lib/files/shortLine'

/** For a subgraph that failed to answer: the reason, as `cause`, is only for the log, and nothing without it. */
export function upstreamFailed(subgraph: string, cause: unknown): PresageError {
  const error = new PresageError(
    'UPSTREAM_FAILED',
    `subgraph ${subgraph}: expected an answer, but it failed`,
    { subgraph },
  )
  error.cause = cause
  return error
}

/** The error for a subgraph that answered with an error instead of data. */
export function upstreamRefused(
  subgraph: string,
  { message, extensions }: GraphQLFormattedError,
): PresageError {
  const isOtherSchema = extensions?.['code'] === 'GRAPHQL_VALIDATION_FAILED' || schemaMessage.test(message)
  const hint = isOtherSchema
    ? '; its schema has changed since the supergraph was composed: run npx presage compose --refresh, which also fetches the schema where rover.yaml has a subgraph_url'
    : ''
  return upstreamFailed(
    subgraph,
    new PlainError(`subgraph ${subgraph}: must answer with data, got: ${shortLine(message)}${hint}`),
  )
}

/** The error for a part of an answer that has another shape than was asked for. `part` and `expected` are for the log. */
export function upstreamMisshaped(
  subgraph: string,
  part: string,
  expected: string,
  value: unknown,
): PresageError {
  const line = `subgraph ${subgraph}: ${part} must be ${expected}, got ${shapeOf(value)}`
  return upstreamFailed(subgraph, new PlainError(line))
}

/** The value itself may be long, and is not for the log. */
function shapeOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return `a list of ${value.length}`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** Of graphql-js, which servers without codes pass on. */
const schemaMessage = /^(Cannot query field|Unknown (argument|type)) "/

/** The error for a custom scalar that has come, but cannot be passed on: reading JSON takes no stack, writing it does. */
export function valueTooDeep(): PresageError {
  return new PresageError(
    'UPSTREAM_FAILED',
    'a value that a subgraph answered nests too deep to be passed on',
  )
}

/** The error for a value below the root or an entity that has another shape than its type. */
export function valueMisshaped(expected: string, value: unknown): PresageError {
  return new PresageError(
    'UPSTREAM_FAILED',
    `a value that a subgraph answered must be ${expected}, got ${shapeOf(value)}`,
  )
}

/** The error for a subgraph that exceeded its own timeout while the request still had time. */
export function upstreamTimedOut(subgraph: string, timeoutMs: number): PresageError {
  return new PresageError('UPSTREAM_FAILED', `subgraph ${subgraph}: no answer within ${timeoutMs} ms`, {
    subgraph,
  })
}

export function deadlineExceeded(subgraph: string): PresageError {
  return new PresageError(
    'DEADLINE_EXCEEDED',
    `subgraph ${subgraph}: no answer before the request's deadline`,
    { subgraph },
  )
}

export function clientGone(): PresageError {
  return new PresageError('CANCELLED', 'the client has gone')
}

/** All data was there, but the deadline passed before the response was written. */
export function answerTooLate(): PresageError {
  return new PresageError('DEADLINE_EXCEEDED', "the answer was not written before the request's deadline")
}
