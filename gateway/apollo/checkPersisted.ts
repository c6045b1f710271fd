import { PresageError, show } from '../../lib/errors'
import { isMap } from '../../lib/isMap'

/**
 * Throws BAD_REQUEST if the hash of a persisted query is not a string, in a body (one operation or a list) or in a
 * query string. Apollo Server does not check this, and fails on some values.
 */
export function checkPersisted(search: string, body: unknown): void {
  if (body !== undefined) {
    for (const one of Array.isArray(body) ? body : [body]) if (isMap(one)) checkExtensions(one.extensions)
  } else if (search.includes('extensions=')) {
    checkExtensions(readJson(new URLSearchParams(search).get('extensions') ?? ''))
  }
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

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // Apollo Server reports the error.
  }
}
