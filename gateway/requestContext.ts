import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type ClientRequest, createClientRequest } from '../lib/clientRequest'
import { PresageError, show } from '../lib/errors'

/** A key of the request's context: the header that it comes from, and the type that it is read as. */
export interface ContextHeader {
  readonly header: string
  readonly type: 'string' | 'number' | 'boolean'
}

/** How a client says how long it waits, in milliseconds. */
export const timeoutHeader = 'x-presage-timeout-ms'

/** Compiles the declared context into a reader of headers. A header that does not read as its type gives no value. */
export function compileContext(
  declared: ReadonlyMap<string, ContextHeader>,
): (headers: IncomingHttpHeaders) => ClientRequest['context'] {
  const keys = [...declared].map(([key, { header, type }]) => ({ key, header: header.toLowerCase(), type }))
  return (headers) => {
    const context: Record<string, string | number | boolean> = {}
    for (const { key, header, type } of keys) {
      const text = headers[header]
      if (typeof text !== 'string' || text === '') continue
      const value = type === 'string' ? text : readJson(text)
      if (typeof value === type) context[key] = value as string | number | boolean
    }
    return context
  }
}

/** Throws BAD_REQUEST for a timeout that is none. `arrival` and the deadline are the clock's milliseconds. */
export function readClientRequest(
  headers: IncomingHttpHeaders,
  arrival: number,
  defaultTimeoutMs: number,
  context: ClientRequest['context'],
  signal: AbortSignal,
): ClientRequest {
  const timeout = Math.min(readTimeout(headers) ?? defaultTimeoutMs, defaultTimeoutMs)
  return createClientRequest({ id: randomUUID(), context, headers, deadline: arrival + timeout, signal })
}

function readTimeout(headers: IncomingHttpHeaders): number | undefined {
  const text = headers[timeoutHeader]
  if (text === undefined) return undefined
  const value = typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : 0
  if (value > 0) return value
  throw new PresageError(
    'BAD_REQUEST',
    `${timeoutHeader}: must be a whole number of milliseconds above 0, got ${show(text)}`,
  )
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
