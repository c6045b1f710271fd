import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Lets pages of the named origins send requests; `*` stands for all origins. Browsers send no credentials, so that a
 * page of another origin never acts as the user.
 *
 * The returned function sets the CORS headers. It answers OPTIONS requests itself and returns true for them.
 */
export function createCors(
  origins: readonly string[],
): (message: IncomingMessage, response: ServerResponse) => boolean {
  const allowed = new Set(origins)
  return (message, response) => {
    const { origin } = message.headers
    const isAllowed = origin !== undefined && (allowed.has(origin) || allowed.has('*'))
    // Caches must not give one origin's response to another.
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

/**
 * The header names and values, in turn, that `createCors` sets for requests without an origin, for callers that write
 * the head themselves.
 */
export function headWithoutOrigin(origins: readonly string[]): readonly string[] {
  return origins.length > 0 ? ['vary', 'origin'] : []
}

const methods = 'GET, POST, OPTIONS'

function allowRequest({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('access-control-allow-methods', methods)
  const wanted = headers['access-control-request-headers']
  if (wanted !== undefined) response.setHeader('access-control-allow-headers', wanted)
  // Chrome asks this when a public page sends a request to a loopback server.
  if (headers['access-control-request-private-network'] === 'true') {
    response.setHeader('access-control-allow-private-network', 'true')
  }
  response.setHeader('access-control-max-age', '86400')
}
