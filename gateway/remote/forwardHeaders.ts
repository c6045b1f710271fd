import type { ClientRequest } from '../../lib/request/clientRequest'

/** Compiles the names of the client headers that are forwarded to a subgraph. */
export function compileForwarding(
  names: readonly string[],
): (request: ClientRequest) => Readonly<Record<string, string>> {
  const keys = [...new Set(names.map((name) => name.toLowerCase()))]
  if (keys.length === 0) return () => none
  return ({ headers }) => {
    const forwarded: Record<string, string> = {}
    for (const key of keys) {
      const value = headers[key]
      if (value !== undefined) forwarded[key] = typeof value === 'string' ? value : value.join(', ')
    }
    return forwarded
  }
}

const none: Readonly<Record<string, string>> = Object.freeze({})

/** Why a header cannot be forwarded; undefined if it can. */
export function forwardingProblem(name: string): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return 'must be the name of a header'
  return ownHeaders.has(name.toLowerCase())
    ? 'must not be a header that belongs to one connection or body'
    : undefined
}

/** These describe the client's connection and body, not ours. */
const ownHeaders: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
