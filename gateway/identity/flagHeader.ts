import type { IncomingHttpHeaders } from 'node:http'
import { PresageError, show } from '../../lib/errors'

/** Whether a header is 1. Absent or 0 is false. Throws BAD_REQUEST for anything else. */
export function isFlagged(headers: IncomingHttpHeaders, name: string): boolean {
  const text = headers[name]
  if (text === '1') return true
  if (text === undefined || text === '0') return false
  throw new PresageError('BAD_REQUEST', `${name}: must be 1 or 0, got ${show(text)}`)
}
