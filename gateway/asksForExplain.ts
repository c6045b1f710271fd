import type { IncomingHttpHeaders } from 'node:http'
import { PresageError, show } from '../lib/errors'
import { explainHeader } from '../lib/explain'

/** Whether a client asks why its predictions are what they are. Throws BAD_REQUEST for a header that is neither 1 nor 0. */
export function asksForExplain(headers: IncomingHttpHeaders): boolean {
  const text = headers[explainHeader]
  if (text === '1') return true
  if (text === undefined || text === '0') return false
  throw new PresageError('BAD_REQUEST', `${explainHeader}: must be 1 or 0, got ${show(text)}`)
}
