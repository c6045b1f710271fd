import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { PresageError, show } from '../../lib/errors'

/** With this header a client says how long it will wait, in milliseconds. */
const timeoutHeader = 'x-presage-timeout-ms'

/** With this header a client asks for fresh predictions instead of cached ones. */
const cacheHeader = 'x-presage-cache'

/** With this header, clients with the role `researcher` ask for versions of their choice. */
const overrideHeader = 'x-presage-override'

/** The request's timeout in milliseconds, at most `mostMs`. Throws BAD_REQUEST for an invalid header. */
export function readTimeout(headers: IncomingHttpHeaders, mostMs: number): number {
  const text = headers[timeoutHeader]
  if (text === undefined) return mostMs
  const value = typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : 0
  if (value > 0) return Math.min(value, mostMs)
  throw refusal(timeoutHeader, `must be a whole number of milliseconds above 0, got ${show(text)}`)
}

/** The same for an estimate, before the request is read: an invalid header is refused then. */
export function askedTimeout(headers: IncomingHttpHeaders, mostMs: number): number {
  const asked = Number(headers[timeoutHeader])
  return asked > 0 && asked < mostMs ? asked : mostMs
}

/** Whether the client asks to bypass the cache. Throws BAD_REQUEST for any other value of the header. */
export function isCacheBypassed(headers: IncomingHttpHeaders): boolean {
  const text = headers[cacheHeader]
  if (text === undefined) return false
  if (text === 'bypass') return true
  throw refusal(cacheHeader, `must be bypass, got ${show(text)}`)
}

/** Whether a header is 1. Absent or 0 is false. Throws BAD_REQUEST for anything else. */
export function isFlagged(headers: IncomingHttpHeaders, name: string): boolean {
  const text = headers[name]
  if (text === '1') return true
  if (text === undefined || text === '0') return false
  throw refusal(name, `must be 1 or 0, got ${show(text)}`)
}

/**
 * Reads `PREDICT_RATING=rating-predictor@2, ABUSE_SCORE=abuse-score@1` to the wanted version by objective. Whether they
 * exist is for routing to check. Undefined without the header; throws BAD_REQUEST for any other form.
 */
export function readOverrides(headers: IncomingHttpHeaders): ReadonlyMap<string, string> | undefined {
  const text = headers[overrideHeader]
  if (text === undefined) return undefined
  const overrides = new Map<string, string>()
  for (const entry of String(text).split(',')) {
    const [, objective, model] = entryForm.exec(entry) ?? []
    if (objective === undefined) {
      const came = show(entry.trim())
      throw refusal(
        overrideHeader,
        `must be OBJECTIVE=name@version, or several with commas between, got ${came}`,
      )
    }
    if (overrides.has(objective)) throw refusal(overrideHeader, `must name ${objective} once, got it twice`)
    overrides.set(objective, model)
  }
  return overrides
}

const entryForm = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*([A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+)\s*$/

function refusal(header: string, message: string): PresageError {
  return new PresageError('BAD_REQUEST', `${header}: ${message}`)
}

/** Identifies a request in the logs of every service that it passes; also sent in the response. */
export const requestIdHeader = 'x-request-id'

/** The client's own id if it is safe to log; else a new one. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers[requestIdHeader]
  return typeof given === 'string' && /^[\w.:+/=@-]{1,128}$/.test(given) ? given : randomUUID()
}
