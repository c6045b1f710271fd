import type { Role } from './roles'

/** Values known of a request, by key; only keys that the configuration declares are ever present. */
export type Context = Readonly<Record<string, string | number | boolean>>

/** Headers as node:http gives them, by name in lower case. */
export type ClientHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * What travels with one client request from the HTTP door to the workers. One object per client request, shared by all
 * subgraphs that run in this process.
 */
export interface ClientRequest {
  readonly id: string
  readonly context: Context
  /** What the client may do. */
  readonly roles: readonly Role[]
  /** The signed envelope that all this was read from, to be passed on as it is; absent where it was read from headers. */
  readonly envelope?: string
  /** What the client sent, unchecked: for passing on what the configuration names, never for decisions of our own. */
  readonly headers: ClientHeaders
  /** When the answer must be out, in the clock's milliseconds. */
  readonly deadline: number
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal
  /** What the request has cost so far, in this process. */
  readonly usage: { predictionRows: number }
  /** One value per request and key, made when first asked for: how a room keeps its state of the request, such as loaders. */
  scope<T>(key: symbol, make: () => T): T
}

export function createClientRequest(parts: {
  id: string
  context?: Context
  roles?: readonly Role[]
  envelope?: string
  headers?: ClientHeaders
  deadline: number
  signal?: AbortSignal
}): ClientRequest {
  const scopes = new Map<symbol, unknown>()
  return {
    id: parts.id,
    context: parts.context ?? {},
    roles: parts.roles ?? [],
    ...(parts.envelope !== undefined && { envelope: parts.envelope }),
    headers: parts.headers ?? noHeaders,
    deadline: parts.deadline,
    signal: parts.signal ?? new AbortController().signal,
    usage: { predictionRows: 0 },
    scope<T>(key: symbol, make: () => T): T {
      let value = scopes.get(key)
      if (value === undefined) {
        value = make()
        scopes.set(key, value)
      }
      return value as T
    },
  }
}

const noHeaders: ClientHeaders = Object.freeze({})
