import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Lets pages of the named origins ask. `*` names all. Browsers send no credentials there: a page of another origin is
 * never taken for the user.
 *
 * The returned function sets what the answer must say, and answers an OPTIONS request itself; it tells whether it did.
 */
export function createCors(
  origins: readonly string[],
): (message: IncomingMessage, response: ServerResponse) => boolean {
  const allowed = new Set(origins)
  return (message, response) => {
    const { origin } = message.headers
    const isAllowed = origin !== undefined && (allowed.has(origin) || allowed.has('*'))
    // Caches must not give one origin's answer to another.
    if (allowed.size > 0) response.setHeader('vary', 'origin')
    if (isAllowed) {
      response.setHeader('access-control-allow-origin', origin)
      response.setHeader('access-control-expose-headers', 'x-request-id')
    }
    if (message.method !== 'OPTIONS') return false
    if (isAllowed) allowRequest(message, response)
    response.writeHead(204, { allow: methods }).end()
    return true
  }
}

/** What the answer must say where no page asks, names and values in turn: the same as is set there, without the setting. */
export function headWithoutOrigin(origins: readonly string[]): readonly string[] {
  return origins.length > 0 ? ['vary', 'origin'] : []
}

const methods = 'GET, POST, OPTIONS'

function allowRequest({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('access-control-allow-methods', methods)
  const wanted = headers['access-control-request-headers']
  if (wanted !== undefined) response.setHeader('access-control-allow-headers', wanted)
  // Chrome asks this when a page of the internet turns to a server on loopback.
  if (headers['access-control-request-private-network'] === 'true') {
    response.setHeader('access-control-allow-private-network', 'true')
  }
  response.setHeader('access-control-max-age', '86400')
}
