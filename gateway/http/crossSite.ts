import type { IncomingHttpHeaders } from 'node:http'
import { PresageError } from '../../lib/errors'
import { namedOrigins } from './cors'

/** The header that Apollo's clients send, so that a browser asks first whether it may. */
const preflightHeader = 'apollo-require-preflight'

/**
 * Checks a GET: a page of another site can have its reader's browser send one, whether or not it may read the answer. Returns
 * the headers as Apollo Server's own check wants them. Throws BAD_REQUEST for a request that may be such a page's. A
 * method that is not answered needs no check: Apollo Server refuses it.
 *
 * A browser says itself who asks, and no page can change that: `sec-fetch-site` for the pages of this server, `origin` for
 * pages that CORS lets ask. Without either, a header that is not among the simple ones has made the browser ask first.
 */
export function createCrossSiteCheck(
  corsOrigins: readonly string[],
): (headers: IncomingHttpHeaders, method?: string) => IncomingHttpHeaders {
  const isNamed = namedOrigins(corsOrigins)
  return (headers, method = 'GET') => {
    const { origin, 'sec-fetch-site': site, 'content-type': contentType } = headers
    if (method !== 'GET' || site === 'same-origin' || (origin !== undefined && isNamed(origin))) {
      return { ...headers, [preflightHeader]: 'true' }
    }
    const hasAskedFirst = headers[preflightHeader] || headers['x-apollo-operation-name']
    if (hasAskedFirst || (contentType !== undefined && !isSimple(contentType))) return headers
    throw new PresageError(
      'BAD_REQUEST',
      `a GET must carry the header ${preflightHeader}, against forged requests from other sites; or send POST (urql: preferGetMethod: false)`,
    )
  }
}

/** Whether a browser sends a body of that type for a page of any site, without asking first. */
function isSimple(contentType: string): boolean {
  return /^\s*(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(;|$)/i.test(
    contentType,
  )
}
