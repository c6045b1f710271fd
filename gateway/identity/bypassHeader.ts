import type { IncomingHttpHeaders } from 'node:http'
import { PresageError, show } from '../../lib/errors'

/** With this header a client asks for fresh predictions instead of cached ones. */
const cacheHeader = 'x-presage-cache'

/** Whether the client asks to bypass the cache. Throws BAD_REQUEST for any other value of the header. */
export function isCacheBypassed(headers: IncomingHttpHeaders): boolean {
  const text = headers[cacheHeader]
  if (text === undefined) return false
  if (text === 'bypass') return true
  throw new PresageError('BAD_REQUEST', `${cacheHeader}: must be bypass, got ${show(text)}`)
}
