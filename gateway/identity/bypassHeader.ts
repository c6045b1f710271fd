import type { IncomingHttpHeaders } from 'node:http'
import { PresageError, show } from '../../lib/errors'

/** How a client asks for predictions that are made anew, where they may come from a cache. */
const cacheHeader = 'x-presage-cache'

/** Whether a client does. Throws BAD_REQUEST for a header that says anything else. */
export function isCacheBypassed(headers: IncomingHttpHeaders): boolean {
  const text = headers[cacheHeader]
  if (text === undefined) return false
  if (text === 'bypass') return true
  throw new PresageError('BAD_REQUEST', `${cacheHeader}: must be bypass, got ${show(text)}`)
}
