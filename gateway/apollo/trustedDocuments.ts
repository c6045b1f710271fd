import { parse, specifiedRules, validate } from 'graphql'
import { z } from 'zod'
import { LoadError, PresageError, show } from '../../lib/errors'
import { parseShape } from '../../lib/files/shapeProblems'
import { text } from '../../lib/files/shapes'
import { isMap } from '../../lib/isMap'
import { parseJson, readJson } from '../../lib/readJson'
import type { OperationGateway } from '../operations/operationGateway'

/** Documents that the authors of clients have registered, so that a request need only name one. */
export interface TrustedDocuments {
  /** By id, usually the SHA-256 of the text. */
  readonly byId: ReadonlyMap<string, string>
  /** Whether all other documents are refused. */
  readonly only: boolean
}

/** Apollo's persisted query manifest, as `@apollo/generate-persisted-query-manifest` writes it. */
const manifestShape = z.object({
  format: z.literal('apollo-persisted-query-manifest', {
    error: 'must be "apollo-persisted-query-manifest"',
  }),
  version: z.literal(1, { error: 'must be 1' }),
  operations: z.array(z.object({ id: text, body: text }), { error: 'must be a list of operations' }),
})

/** What GraphQL Code Generator and Relay write: each document by its id. */
const documentMapShape = z.record(z.string(), text)

interface RegisteredDocument {
  readonly id: string
  readonly body: string
  /** Where the file has the id, and where the document. */
  readonly places: readonly [id: string, body: string]
}

/**
 * Reads a manifest, or a map of documents by their ids. Throws a LoadError with every problem: a wrong shape, a syntax
 * error in a document, or an id with two documents.
 */
export function parseTrustedDocuments(json: string, file: string): TrustedDocuments['byId'] {
  const byId = new Map<string, string>()
  const problems: string[] = []
  for (const { id, body, places } of registeredDocuments(parseJson(json, file), file)) {
    const problem = syntaxProblem(body)
    if (problem !== undefined)
      problems.push(`${file}: ${places[1]}: must be a GraphQL document, got: ${problem}`)
    if ((byId.get(id) ?? body) !== body)
      problems.push(`${file}: ${places[0]}: must be of one document only, got ${show(id)}`)
    byId.set(id, body)
  }
  if (problems.length > 0) throw new LoadError(problems)
  return byId
}

function registeredDocuments(value: unknown, file: string): RegisteredDocument[] {
  if (
    isMap(value) &&
    Object.keys(value).length > 0 &&
    !Object.keys(manifestShape.shape).some((key) => key in value)
  ) {
    const documents = Object.entries(parseShape(documentMapShape, value, file))
    return documents.map(([key, body]) => ({ id: withoutAlgorithm(key), body, places: [key, key] }))
  }
  return parseShape(manifestShape, value, file).operations.map(({ id, body }, place) => ({
    id: withoutAlgorithm(id),
    body,
    places: [`operations.${place}.id`, `operations.${place}.body`],
  }))
}

/** A sentence for each document that the graph would refuse, which may be written for another graph or an older one. */
export function unfitDocuments(
  byId: TrustedDocuments['byId'],
  { apiSchema, validationRules }: OperationGateway,
): string[] {
  return [...byId].flatMap(([id, body]) => {
    const [error] = validate(apiSchema, parse(body), [...specifiedRules, ...validationRules])
    return error === undefined ? [] : [`trusted document ${id}: does not fit the graph: ${error.message}`]
  })
}

/** The parts of a request that say which document it wants. */
export interface DocumentRequest {
  readonly query?: unknown
  readonly documentId?: unknown
  readonly extensions?: unknown
}

/**
 * Adds to a request the document that it names by `documentId` or by the hash of a persisted query. Returns the request
 * unchanged if it names no trusted document. Throws FORBIDDEN if only trusted documents are served and it asks for
 * another.
 */
export type ResolveDocument = <T extends DocumentRequest>(request: T) => T

export function createDocumentResolver({ byId, only }: TrustedDocuments): ResolveDocument {
  const texts = new Set(byId.values())
  return (request) => {
    const { query } = request
    const id = idOf(request)
    const trusted = id === undefined ? undefined : byId.get(id)
    if (query === undefined || query === null) {
      if (trusted !== undefined)
        return { ...request, query: trusted, extensions: withoutHash(request.extensions) }
      if (only && id !== undefined) throw untrusted(`id ${show(id)}`)
      return request
    }
    if (only && !(typeof query === 'string' && texts.has(query)))
      throw untrusted('another one; documentId names one')
    return request
  }
}

/** The same for a request over HTTP: for a query string, or a body with one operation or a list. */
export function resolveDocuments(
  search: string,
  body: unknown,
  resolve: ResolveDocument,
): { readonly search: string; readonly body: unknown } {
  if (body === undefined) return { search: resolveSearch(search, resolve), body }
  const resolveOne = (one: unknown) => (isMap(one) ? resolve(one as DocumentRequest) : one)
  return { search, body: Array.isArray(body) ? body.map(resolveOne) : resolveOne(body) }
}

function resolveSearch(search: string, resolve: ResolveDocument): string {
  const parameters = new URLSearchParams(search)
  const asked = askedIn(parameters)
  const resolved = resolve(asked)
  if (resolved === asked) return search
  parameters.set('query', String(resolved.query))
  parameters.delete('extensions')
  if (resolved.extensions !== null) parameters.set('extensions', JSON.stringify(resolved.extensions))
  return `?${parameters}`
}

/** What a query string asks for. */
function askedIn(parameters: URLSearchParams): DocumentRequest {
  const { extensions = '', ...others } = Object.fromEntries(parameters)
  return { ...others, extensions: readJson(extensions) }
}

function syntaxProblem(body: string): string | undefined {
  try {
    parse(body, { noLocation: true })
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function idOf({ documentId, extensions }: DocumentRequest): string | undefined {
  if (typeof documentId === 'string') return withoutAlgorithm(documentId)
  const hash = persistedQuery(extensions)?.sha256Hash
  return typeof hash === 'string' ? withoutAlgorithm(hash) : undefined
}

/** The GraphQL-over-HTTP specification puts the hash's algorithm first. */
function withoutAlgorithm(id: string): string {
  return id.replace(/^sha256:/, '')
}

function withoutHash(extensions: unknown): Record<string, unknown> | null {
  const { persistedQuery: _, ...rest } = isMap(extensions) ? extensions : {}
  return Object.keys(rest).length === 0 ? null : rest
}

function persistedQuery(extensions: unknown): Readonly<Record<string, unknown>> | undefined {
  const query = isMap(extensions) ? extensions.persistedQuery : undefined
  return isMap(query) ? query : undefined
}

function untrusted(what: string): PresageError {
  return new PresageError('FORBIDDEN', `document: must be a trusted one, got ${what}`)
}

/**
 * Throws BAD_REQUEST if a body (one operation or a list) or a query string names its document by a hash that is not a
 * string, on which Apollo Server may fail, or only by an id that is no trusted document's, which it would not name.
 */
export function checkPersisted(search: string, body: unknown): void {
  if (body !== undefined) {
    for (const one of Array.isArray(body) ? body : [body]) if (isMap(one)) checkOne(one)
  } else checkOne(askedIn(new URLSearchParams(search)))
}

function checkOne({ query, documentId, extensions }: DocumentRequest): void {
  const persisted = persistedQuery(extensions)
  if (persisted !== undefined && typeof persisted.sha256Hash !== 'string') {
    throw new PresageError(
      'BAD_REQUEST',
      `extensions.persistedQuery.sha256Hash: must be text, got ${show(persisted.sha256Hash)}`,
    )
  }
  if (documentId === undefined || documentId === null || (query !== undefined && query !== null)) return
  if (isMap(extensions) && extensions.persistedQuery !== undefined) return
  throw new PresageError(
    'BAD_REQUEST',
    `documentId: must be of a document in the server's trustedDocuments.file, got ${show(documentId)}`,
  )
}
