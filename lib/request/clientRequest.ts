import { SmallMap } from '../smallMap'
import { type Caller, callerOf, LeavingCaller } from './caller'
import type { Explain } from './explain'
import { fairShares } from './fairShares'
import type { Role } from './roles'

/** Values known of a request, by key; only keys that the configuration declares are ever present. */
export type Context = Readonly<Record<string, string | number | boolean>>

/** How anybody says that a request is synthetic. */
export const syntheticHeader = 'x-presage-synthetic'

/** Headers as node:http gives them, by name in lower case. */
export type ClientHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * What travels with one client request from the HTTP door to the workers. One object per client request, shared by all
 * subgraphs that run in this process.
 */
export interface ClientRequest extends Caller {
  /** Who shares the time of the process with others. */
  readonly client: string
  readonly id: string
  readonly context: Context
  /** What the client may do. */
  readonly roles: readonly Role[]
  /** The signed envelope that all this was read from, to be passed on as it is; absent where it was read from headers. */
  readonly envelope?: string
  /** By objective, the `name@version` that the client asked for in the place of what rules say; absent without one, or without the role. */
  readonly overrides?: ReadonlyMap<string, string>
  /** The number of the rule set that the envelope names; absent: none is named. */
  readonly ruleSet?: number
  /** The first digits of the SHA-256 of that rule set, where the envelope says them. */
  readonly ruleSetHash?: string
  /** Who asks, by the token: its `sub`, null for a token that has none; absent without a token. For records and limits, never for decisions. */
  readonly subject?: string | null
  /** Where the request comes from, as far as trusted proxies tell; absent where it did not come over HTTP. For limits, never for rights. */
  readonly address?: string
  /** Says that nobody stands behind the request, such as a load test's: for logs, to tell it apart from real ones. */
  readonly isSynthetic?: true
  /** The client, who may, wants predictions made anew, whatever a cache has. */
  readonly bypassesCache?: true
  /** Takes what is told of the request's predictions; absent unless the client, who may, has asked for it. */
  readonly explain?: Explain
  /** What the client sent, unchecked: for passing on what the configuration names, never for decisions of our own. */
  readonly headers: ClientHeaders
  /** When the answer must be out, in the clock's milliseconds. */
  readonly deadline: number
  /** What the request has cost so far, in this process: prediction rows, and values of lists and objects. */
  readonly usage: { predictionRows: number; values: number }
  /** One value per request and key, made when first asked for: how a room keeps its state of the request, such as loaders. */
  scope<T>(key: symbol, make: () => T): T
}

export interface ClientRequestParts {
  readonly id: string
  readonly context?: Context
  readonly roles?: readonly Role[]
  readonly envelope?: string
  readonly overrides?: ReadonlyMap<string, string>
  readonly ruleSet?: number
  readonly ruleSetHash?: string
  readonly subject?: string | null
  readonly address?: string
  readonly isSynthetic?: true
  readonly bypassesCache?: true
  readonly explain?: Explain
  readonly headers?: ClientHeaders
  readonly deadline: number
  /** The client, or a signal that aborts when it goes. Default: it never does. */
  readonly caller?: Caller
  readonly signal?: AbortSignal
}

export function createClientRequest(parts: ClientRequestParts): ClientRequest {
  return new PartsRequest(parts)
}

/** The same request, but what is told of its predictions goes to `explain`. It shares all else with the first, later too. */
export function explainedIn(request: ClientRequest, explain: Explain): ClientRequest {
  return Object.create(request, { explain: { value: explain } }) as ClientRequest
}

class PartsRequest implements ClientRequest {
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
  readonly usage = { predictionRows: 0, values: 0 }
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
      // Requests that are made of this one must find the same scopes.
      this.scopes = new SmallMap()
    }
    this.headers = parts.headers ?? noHeaders
    this.deadline = parts.deadline
    this.caller = parts.caller ?? (parts.signal ? callerOf(parts.signal) : new LeavingCaller())
  }

  get client(): string {
    return fairShares.senderOf(this)
  }

  get isAborted(): boolean {
    return this.caller.isAborted
  }

  get signal(): AbortSignal {
    return this.caller.signal
  }

  get isOnlyRequest(): boolean {
    return this.caller.isOnlyRequest === true
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
