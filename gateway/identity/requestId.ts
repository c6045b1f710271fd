import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** By which a request is known in the logs of everybody whom it passes; answered as well. */
export const requestIdHeader = 'x-request-id'

/** The client's own, where it is one that can stand in a log; else a new one. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers[requestIdHeader]
  return typeof given === 'string' && /^[\w.:+/=@-]{1,128}$/.test(given) ? given : randomUUID()
}
