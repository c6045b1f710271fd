import { SmallMap } from '../memoized'
import { readJson } from '../readJson'
import { AbortableCaller, type Caller, fairShares } from './caller'
import type { Explain } from './explain'
import type { Role } from './roles'
import { readTrace, type TraceContext } from './traceContext'

/** The known values of a request, by key. Only keys that the configuration declares are ever present. */
export type Context = Readonly<Record<string, string | number | boolean>>

/** The declared type of a context key. */
export type ContextType = 'string' | 'number' | 'boolean'

/**
 * A context value as the type of its key has it: text for a number or boolean is read as JSON, and ids that were
 * written as numbers become text. Undefined, which is absent, for what does not read so.
 */
export function contextValue(value: unknown, type: ContextType): Context[string] | undefined {
  if (type === 'string') {
    if (typeof value === 'string') return value
    return Number.isFinite(value) || typeof value === 'boolean' ? String(value) : undefined
  }
  const read = typeof value === 'string' ? readJson(value) : value
  if (type === 'boolean') return typeof read === 'boolean' ? read : undefined
  // JSON.parse reads 1e999 as Infinity, which is no number of JSON.
  return typeof read === 'number' && Number.isFinite(read) ? read : undefined
}

/** With this header, set to 1, a client says that a request is synthetic. */
export const syntheticHeader = 'x-presage-synthetic'

/** Headers as node:http gives them, by name in lower case. */
export type ClientHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * A client request, from the HTTP server to the workers. One object per request, shared by all subgraphs in this
 * process.
 */
export interface ClientRequest extends Caller {
  /** The sender's key for sharing the process' time fairly between clients. */
  readonly client: string
  readonly id: string
  readonly context: Context
  /** What the client may do. */
  readonly roles: readonly Role[]
  /**
   * The signed envelope from which all this was read, to be passed on unchanged; absent if it was read from headers.
   */
  readonly envelope?: string
  /**
   * By objective, the `name@version` that the client asked for instead of what the rules say. Absent if it asked for
   * none, or does not have the role.
   */
  readonly overrides?: ReadonlyMap<string, string>
  /** The number of the rule set that the envelope names, if any. */
  readonly ruleSet?: number
  /** The first digits of that rule set's SHA-256, if the envelope has them. */
  readonly ruleSetHash?: string
  /**
   * The token's `sub`, null if the token has none; absent without a token. For records and limits, never for decisions.
   */
  readonly subject?: string | null
  /**
   * The client's address, according to trusted proxies; absent if the request did not come over HTTP. For limits, never
   * for rights.
   */
  readonly address?: string
  /** Set if no user waits for the request, as in a load test, so that logs can tell it from real ones. */
  readonly isSynthetic?: true
  /** Set if the client, being authorized, asked to bypass the prediction cache. */
  readonly bypassesCache?: true
  /**
   * Collects explanations of the request's predictions; absent unless the client, being authorized, asked for them or sent
   * overrides.
   */
  readonly explain?: Explain
  /**
   * The client's headers, unchecked: for forwarding those that the configuration names, never for our own decisions.
   */
  readonly headers: ClientHeaders
  /** When the answer is due, in the clock's milliseconds. */
  readonly deadline: number
  /**
   * The name of the operation that it runs: `(anonymous)` if that has none, `(several)` for a list; absent before it is
   * known.
   */
  operation?: string
  /** The cost of the request so far, in this process: its body, prediction rows, and values of lists and objects. */
  readonly usage: { bodyBytes: number; predictionRows: number; values: number }
  /** One value per request and key, made on first use. Rooms keep their state of a request here, such as loaders. */
  scope<T>(key: symbol, make: () => T): T
}

/** What a request is made of. Everything but its id and deadline has a default. */
export type ClientRequestParts = Pick<ClientRequest, 'id' | 'deadline'> &
  Partial<Omit<ClientRequest, keyof Caller | 'client' | 'operation' | 'usage' | 'scope'>> & {
    /** The client. By default it never goes. */
    readonly caller?: Caller
  }

export function createClientRequest(parts: ClientRequestParts): ClientRequest {
  return new PartsRequest(parts)
}

/**
 * The same request, but with its explanations collected in `explain`. Everything else stays shared with the original.
 */
export function explainedIn(request: ClientRequest, explain: Explain): ClientRequest {
  return Object.create(request, { explain: { value: explain } }) as ClientRequest
}

class PartsRequest implements ClientRequest {
  readonly client: string
  readonly id: string
  readonly context: Context
  readonly roles: readonly Role[]
  declare readonly envelope?: string
  declare readonly overrides?: ReadonlyMap<string, string>
  declare readonly ruleSet?: number
  declare readonly ruleSetHash?: string
  declare readonly subject?: string | null
  declare readonly address?: string
  declare readonly isSynthetic?: true
  declare readonly bypassesCache?: true
  declare readonly explain?: Explain
  readonly headers: ClientHeaders
  readonly deadline: number
  operation: string | undefined = undefined
  readonly usage = { bodyBytes: 0, predictionRows: 0, values: 0 }
  private readonly caller: Caller
  private scopes: SmallMap<symbol, unknown> | undefined

  constructor(parts: ClientRequestParts) {
    this.id = parts.id
    this.context = parts.context ?? noContext
    this.roles = parts.roles ?? noRoles
    if (parts.envelope !== undefined) this.envelope = parts.envelope
    if (parts.overrides !== undefined) this.overrides = parts.overrides
    if (parts.ruleSet !== undefined) this.ruleSet = parts.ruleSet
    if (parts.ruleSetHash !== undefined) this.ruleSetHash = parts.ruleSetHash
    if (parts.subject !== undefined) this.subject = parts.subject
    if (parts.address !== undefined) this.address = parts.address
    if (parts.isSynthetic) this.isSynthetic = true
    if (parts.bypassesCache) this.bypassesCache = true
    if (parts.explain !== undefined) {
      this.explain = parts.explain
      // Requests that `explainedIn` derives from this one must share its scopes.
      this.scopes = new SmallMap()
    }
    this.client = fairShares.senderOf(this)
    this.headers = parts.headers ?? noHeaders
    this.deadline = parts.deadline
    this.caller = parts.caller ?? new AbortableCaller()
  }

  get isAborted(): boolean {
    return this.caller.isAborted
  }

  get signal(): AbortSignal {
    return this.caller.signal
  }

  onLeave(listener: () => void): void {
    this.caller.onLeave(listener)
  }

  offLeave(listener: () => void): void {
    this.caller.offLeave(listener)
  }

  get isOnlyRequest(): boolean {
    return this.caller.isOnlyRequest === true
  }

  get isCrowding(): boolean {
    return this.caller.isCrowding === true
  }

  get trace(): TraceContext | undefined {
    return readTrace(this.headers)
  }

  scope<T>(key: symbol, make: () => T): T {
    this.scopes ??= new SmallMap()
    let value = this.scopes.get(key)
    if (value === undefined) {
      value = make()
      this.scopes.set(key, value)
    }
    return value as T
  }
}

const noContext: Context = Object.freeze({})
const noRoles: readonly Role[] = Object.freeze([])
const noHeaders: ClientHeaders = Object.freeze({})
