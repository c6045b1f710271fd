import type { ExecutionResult, GraphQLFormattedError } from 'graphql'
import { show } from '../../lib/errors'
import { readJson } from '../../lib/readJson'
import { isResponseObject } from '../graphql/responseData'
import { shortExtensions, shortMessage } from '../graphql/shortError'

export interface HttpAnswer {
  readonly status: number
  readonly contentType: string
  readonly text: string
  /** Whether the subgraph says that it takes the entities of this operation by columns. */
  readonly takesColumns: boolean
  /** Whether it says that it takes several calls in one request. */
  readonly takesCalls: boolean
  /** Where a redirect leads, and how the body is encoded, if it says so. Only for messages: neither is followed. */
  readonly location?: unknown
  readonly encoding?: unknown
}

/**
 * Reads a response of the GraphQL over HTTP specification. With GraphQL's own media type, a body counts whatever its
 * status. With `application/json` and a status other than 2xx it may come from a proxy, so only errors are accepted.
 * Throws for everything else, with a message for the log.
 */
export function readGraphqlAnswer(answer: HttpAnswer, url: URL): ExecutionResult {
  const { status, contentType, text } = answer
  const mediaType = contentType.split(';', 1)[0].trim().toLowerCase()
  const refuse = (what: string): never => {
    const got = reasonOf(answer, url) ?? `${what} with status ${status}: ${show(text)}`
    throw new Error(`${url.origin}${url.pathname}: must answer with GraphQL, got ${got}`)
  }
  if (mediaType !== ownMediaType && mediaType !== 'application/json') {
    return refuse(mediaType === '' ? 'no content type' : mediaType)
  }
  const body = readJson(text)
  if (!isResponseObject(body)) return refuse(body === undefined ? 'broken JSON' : 'JSON of another shape')
  const { data, extensions } = body
  const errors = body['errors'] ?? []
  if (!isData(data) || !isErrors(errors)) return refuse('JSON of another shape')
  if (!isResponseObject(data) && errors.length === 0) return refuse('neither data nor errors')
  const isSuccess = status >= 200 && status < 300
  if (!isSuccess && mediaType !== ownMediaType && isResponseObject(data)) return refuse('data')
  return {
    ...(data !== undefined && { data }),
    ...(isResponseObject(extensions) && { extensions }),
    // Plain JSON is enough: the gateway reads nothing else of an error.
    ...(errors.length > 0 && { errors: readErrors(errors, text) as unknown as ExecutionResult['errors'] }),
  }
}

/** Why it cannot be GraphQL, if its head tells that. */
function reasonOf({ status, location, encoding }: HttpAnswer, url: URL): string | undefined {
  if (status >= 300 && status < 400 && typeof location === 'string') {
    // User, password and query may be secrets.
    const target = URL.canParse(location, url.href) ? new URL(location, url) : undefined
    return `status ${status}, a redirect${target === undefined ? '' : ` to ${target.origin}${target.pathname}`}`
  }
  if (encoding === undefined || encoding === 'identity') return undefined
  return `status ${status} and content-encoding ${show(encoding)}, which was not asked for`
}

const ownMediaType = 'application/graphql-response+json'

function isData(value: unknown): value is Record<string, unknown> | null | undefined {
  return value === undefined || value === null || isResponseObject(value)
}

interface JsonError {
  readonly message: string
  readonly path?: unknown
  readonly extensions?: unknown
}

function isErrors(value: unknown): value is readonly JsonError[] {
  return (
    Array.isArray(value) && value.every((one) => isResponseObject(one) && typeof one['message'] === 'string')
  )
}

function readErrors(errors: readonly JsonError[], text: string): readonly GraphQLFormattedError[] {
  // In a short answer nothing is long.
  if (text.length <= longest) return errors.map(readError)
  return errors.map(({ message, extensions, path }) =>
    readError({
      message: shortMessage(message, longest),
      extensions: shortExtensions(extensions, longest),
      path,
    }),
  )
}

/** In characters, for the message and for the extensions of an error: it may be told at many places. */
const longest = 10_000

/**
 * Leaves out what cannot be used: some servers write null for absent members, or an empty list where a map is empty. The
 * message counts in any case.
 */
function readError({ message, path, extensions }: JsonError): GraphQLFormattedError {
  return {
    message,
    ...(Array.isArray(path) && path.every(isPathSegment) && { path: path.map(pathSegment) }),
    ...(isResponseObject(extensions) && { extensions }),
  }
}

function isPathSegment(value: unknown): value is string | number {
  return typeof value === 'string' || (Number.isSafeInteger(value) && (value as number) >= 0)
}

/** Some servers write indexes as strings. No name of GraphQL begins with a digit. */
function pathSegment(segment: string | number): string | number {
  return typeof segment === 'string' && /^\d{1,15}$/.test(segment) ? Number(segment) : segment
}
