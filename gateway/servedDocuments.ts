import type { GraphQLRequestContextWillSendResponse } from '@apollo/server'
import { LruCache } from './lruCache'
import type { Variables } from './planRun'
import type { GatewayContext, KnownOperation, PresageGateway } from './presageGateway'
import { isResponseObject } from './responseData'

/** Documents of one schema whose operations ran on Apollo Server; bounded, since clients choose them. */
export class ServedDocuments {
  private readonly byText = new LruCache<ServedOperations>(1000, 16_000_000)
  /** Those that came as persisted queries, which Apollo Server has compared with their hashes. */
  private readonly byHash = new LruCache<ServedOperations>(1000, 16_000_000)

  find({ query, hash, operationName }: AskedOperation): KnownOperation | undefined {
    const operations = query === undefined ? this.byHash.get(hash) : this.byText.get(query)
    return operations?.get(operationName)
  }

  /** Takes an answer of Apollo Server, and what it knows of the operation. */
  learn(context: GraphQLRequestContextWillSendResponse<GatewayContext>, gateway: PresageGateway): void {
    const { schema, source, document, operation, operationName, request, response } = context
    // With data it ran; without, it was refused.
    if (response.body.kind !== 'single' || response.body.singleResult.data === undefined) return
    if (source === undefined || document === undefined || operation === undefined) return
    const known = gateway.known({ schema, source, document, operation, operationName: operationName ?? null })
    if (known === undefined) return
    const operations: ServedOperations = this.byText.get(source) ?? new Map()
    this.byText.set(source, operations.set(request.operationName, known), source.length)
    const hash = hashOf(request.extensions)
    if (hash !== undefined) this.byHash.set(hash, operations, source.length)
  }
}

/** Operations of a document, by the names that clients gave; those that it does not have never get so far. */
type ServedOperations = Map<string | undefined, KnownOperation>

/** What a body asks for, where it is one operation and nothing more. */
export type AskedOperation = {
  readonly operationName: string | undefined
  readonly variables: Variables
} & ({ readonly query: string; readonly hash?: never } | { readonly query?: never; readonly hash: string })

/** Undefined for anything else, and for what is not of the type that it should be. */
export function readAskedOperation(body: unknown): AskedOperation | undefined {
  if (!isResponseObject(body)) return undefined
  const { query = null, operationName = null, variables = null, extensions = null } = body
  if (operationName !== null && typeof operationName !== 'string') return undefined
  if (variables !== null && !isResponseObject(variables)) return undefined
  const asked = { operationName: operationName ?? undefined, variables: variables ?? noVariables }
  if (typeof query === 'string') return extensions === null ? { query, ...asked } : undefined
  const hash = query === null ? hashOf(extensions) : undefined
  return hash === undefined ? undefined : { hash, ...asked }
}

/** The hash of a persisted query, where extensions hold that and nothing else. */
function hashOf(extensions: unknown): string | undefined {
  if (!isResponseObject(extensions) || Object.keys(extensions).length !== 1) return undefined
  const { persistedQuery } = extensions
  if (!isResponseObject(persistedQuery) || persistedQuery['version'] !== 1) return undefined
  const hash = persistedQuery['sha256Hash']
  return typeof hash === 'string' ? hash : undefined
}

const noVariables: Variables = Object.freeze({})
