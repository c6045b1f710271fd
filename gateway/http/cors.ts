import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { isLoopback } from '../../lib/addresses/loopback'

/**
 * Lets pages of the named origins send requests; `*` stands for all origins, `localhost` for this machine on any port.
 * Browsers send no credentials, so a page of another origin never acts as the user. `onBlocked` is called once for each
 * of the first few origins that are refused.
 *
 * The returned function sets the CORS headers. It answers OPTIONS requests itself and returns true for them.
 */
export function createCors(
  origins: readonly string[],
  onBlocked: (origin: string) => void = () => {},
): (message: IncomingMessage, response: ServerResponse) => boolean {
  const isNamed = namedOrigins(origins)
  const blocked = new Set<string>()
  const tellBlocked = ({ origin, host }: IncomingHttpHeaders) => {
    // The server's own pages send their origin too.
    if (origin === undefined || origin.split('://')[1] === host) return
    if (blocked.has(origin) || blocked.size === mostTold) return
    blocked.add(origin)
    onBlocked(origin)
  }
  return (message, response) => {
    const { origin } = message.headers
    const isAllowed = origin !== undefined && isNamed(origin)
    // Caches must not give one origin's response to another.
    if (origins.length > 0) response.setHeader('vary', 'origin')
    if (isAllowed) {
      response.setHeader('access-control-allow-origin', origin)
      response.setHeader('access-control-expose-headers', 'x-request-id, retry-after')
    } else tellBlocked(message.headers)
    if (message.method !== 'OPTIONS') return false
    if (isAllowed) allowRequest(message, response)
    response.writeHead(204, { allow: methods }).end()
    return true
  }
}

/** Bounded, because anybody can send any origin, and each would add a line to the log. */
const mostTold = 10

/** Whether a page of an origin may send requests. */
export function namedOrigins(origins: readonly string[]): (origin: string) => boolean {
  const allowed = new Set(origins)
  return (origin) =>
    allowed.has(origin) || allowed.has('*') || (allowed.has('localhost') && isLoopbackOrigin(origin))
}

function isLoopbackOrigin(origin: string): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, hostname } = new URL(origin)
  return /^https?:$/.test(protocol) && isLoopback(hostname)
}

/** The names and values that `createCors` sets without an origin, in turn, for those who write the head themselves. */
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
