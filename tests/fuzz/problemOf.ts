import { errorTable } from '../../lib/errors'
import type { Received, Sent } from './asker'

const ownCodes = Object.keys(errorTable)
const graphqlCodes = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]
const codes = new Set<unknown>([...ownCodes, ...graphqlCodes])

/** What of an answer of /graphql is neither a value nor a coded error; undefined if all of it is. */
export function problemOf(
  { method = 'POST' }: Sent,
  { status, headers, text }: Received,
): string | undefined {
  if (method === 'HEAD' || status === 204) return text === '' ? undefined : 'a body where none may be'
  if (status === 431) return undefined // Node's own refusal of a head above 16 KiB
  if (isFault(status)) return 'a fault of the server'
  if (!/^application\/(graphql-response\+)?json/.test(headers['content-type'] ?? ''))
    return `no JSON: ${headers['content-type']}`
  const answer = JSON.parse(text) as Answer | Answer[]
  if (!Array.isArray(answer)) return problemOfOne(answer)
  return answer.map(problemOfOne).find((problem) => problem !== undefined)
}

interface Answer {
  readonly data?: unknown
  readonly errors?: unknown
}

function problemOfOne({ data, errors }: Answer): string | undefined {
  if (errors === undefined)
    return typeof data === 'object' && data !== null ? undefined : 'neither data nor errors'
  return problemOfErrors(errors)
}

/** The same for an answer of any other path, which may be a page or plain text. */
export function problemOfPage({ method }: Sent, { status, headers, text }: Received): string | undefined {
  if (isFault(status)) return 'a fault of the server'
  if (status < 400 || method === 'HEAD' || !headers['content-type']?.includes('json')) return undefined
  const { errors } = JSON.parse(text) as { errors?: unknown }
  return errors === undefined ? undefined : problemOfErrors(errors)
}

function isFault(status: number): boolean {
  return status >= 500 && status !== 503 && status !== 504
}

function problemOfErrors(errors: unknown): string | undefined {
  if (!Array.isArray(errors) || errors.length === 0) return 'no list of errors'
  for (const { message, extensions } of errors as CodedError[]) {
    if (typeof message !== 'string' || message === '') return 'an error without a message'
    if (!codes.has(extensions?.['code'])) return `an error without a code: ${message}`
  }
  return undefined
}

interface CodedError {
  readonly message?: unknown
  readonly extensions?: Readonly<Record<string, unknown>>
}
