import { PresageError, show } from '../../lib/errors'
import { isMap } from '../../lib/isMap'
import { readJson } from '../../lib/readJson'
import type { DocumentRequest } from './trustedDocuments'

/**
 * Throws BAD_REQUEST if a body (one operation or a list) or a query string names its document by a hash that is not a
 * string, on which Apollo Server may fail, or only by an id that is no trusted document's, which it would not name.
 */
export function checkPersisted(search: string, body: unknown): void {
  if (body !== undefined) {
    for (const one of Array.isArray(body) ? body : [body]) if (isMap(one)) checkOne(one)
  } else if (search.includes('extensions=') || search.includes('documentId=')) {
    const { extensions = '', ...others } = Object.fromEntries(new URLSearchParams(search))
    checkOne({ ...others, extensions: readJson(extensions) })
  }
}

function checkOne({ query, documentId, extensions }: DocumentRequest): void {
  checkExtensions(extensions)
  if (documentId === undefined || documentId === null || (query !== undefined && query !== null)) return
  if (isMap(extensions) && extensions.persistedQuery !== undefined) return
  throw new PresageError(
    'BAD_REQUEST',
    `documentId: must be of a document in the server's trustedDocuments.file, got ${show(documentId)}`,
  )
}

function checkExtensions(extensions: unknown): void {
  if (!isMap(extensions) || !isMap(extensions.persistedQuery)) return
  const { sha256Hash } = extensions.persistedQuery
  if (typeof sha256Hash === 'string') return
  throw new PresageError(
    'BAD_REQUEST',
    `extensions.persistedQuery.sha256Hash: must be text, got ${show(sha256Hash)}`,
  )
}
