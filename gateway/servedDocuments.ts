import type { GraphQLRequestContextWillSendResponse } from '@apollo/server'
import { LruCache } from '../lib/lruCache'
import type { KnownOperation, KnownOperations } from './knownOperation'
import { scanLiterals } from './lifting/scanLiterals'
import type { Variables } from './planRun'
import type { GatewayContext } from './presageGateway'
import { isResponseObject } from './responseData'

/** Documents of one schema whose operations ran on Apollo Server; bounded, since clients choose them. */
export class ServedDocuments {
  private readonly byText = new LruCache<ServedOperations>(1000, 16_000_000)
  /** Those that came as persisted queries, which Apollo Server has compared with their hashes. */
  private readonly byHash = new LruCache<ServedOperations>(1000, 16_000_000)

  /** Shapes of those whose literals change. */
  private readonly shapes = new WeakSet<object>()
  private hasShapes = false

  constructor(
    private readonly known: KnownOperations,
    private readonly maxTokens: number,
  ) {}

  find({ query, hash, operationName }: AskedOperation): KnownOperation | undefined {
    if (query === undefined) return this.byHash.get(hash)?.get(operationName)
    const operations = this.byText.get(query)
    return operations !== undefined ? operations.get(operationName) : this.findShape(query, operationName)
  }

  private findShape(query: string, operationName: string | undefined): KnownOperation | undefined {
    if (!this.hasShapes) return undefined
    const scanned = scanLiterals(query, this.maxTokens)
    const known = scanned && this.known.knownShape(query, scanned, operationName)
    return known?.shape !== undefined && this.shapes.has(known.shape) ? known : undefined
  }

  /** Takes an answer of Apollo Server, and what it knows of the operation. */
  learn(context: GraphQLRequestContextWillSendResponse<GatewayContext>): void {
    const { schema, source, document, operation, operationName, request, response } = context
    // With data it ran; without, it was refused.
    if (response.body.kind !== 'single' || response.body.singleResult.data === undefined) return
    if (source === undefined || document === undefined || operation === undefined) return
    const resolved = { schema, source, document, operation, operationName: operationName ?? null }
    const known = this.known.known(resolved)
    if (known === undefined) return
    const operations: ServedOperations = this.byText.get(source) ?? new Map()
    operations.set(request.operationName, known)
    if (known.shape === undefined) {
      this.byText.set(source, operations, source.length)
    } else {
      // The next text will have other literals.
      this.shapes.add(known.shape)
      this.hasShapes = true
    }
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
