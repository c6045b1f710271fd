import {
  type ASTNode,
  GraphQLError,
  type GraphQLErrorOptions,
  getLocation,
  type Location,
  type SourceLocation,
} from 'graphql'
import { memoizedWeakly } from '../../lib/memoized'

/**
 * Makes a GraphQLError like its constructor, but with the stack of the original error, or none. The constructor is
 * slow, because it captures a stack and defines properties one by one. A request that ran out of time has several
 * errors per row, so on an overloaded node failing would cost more than answering.
 */
export function lightError(message: string, options: GraphQLErrorOptions): GraphQLError {
  return new LightError(message, options) as unknown as GraphQLError
}

/** Its own, enumerable properties are those that a GraphQLError enumerates. */
class LightError {
  readonly message: string
  readonly path: GraphQLErrorOptions['path']
  readonly locations: readonly SourceLocation[] | undefined
  readonly extensions: unknown
  readonly #options: GraphQLErrorOptions

  constructor(message: string, options: GraphQLErrorOptions) {
    const { path, originalError } = options
    this.#options = options
    this.message = message
    this.path = path ?? undefined
    this.locations = this.nodes && locationsOf(this.nodes)
    this.extensions = options.extensions ?? extensionsOf(originalError) ?? Object.create(null)
  }

  get name(): string {
    return 'GraphQLError'
  }

  get stack(): string {
    return this.originalError?.stack ?? ''
  }

  get originalError(): Error | undefined {
    return this.#options.originalError ?? undefined
  }

  get nodes(): readonly ASTNode[] | undefined {
    const { nodes } = this.#options
    if (nodes == null) return undefined
    if (!('length' in nodes)) return [nodes]
    return nodes.length === 0 ? undefined : nodes
  }

  get source() {
    return this.nodes?.find(({ loc }) => loc !== undefined)?.loc?.source
  }

  get positions(): readonly number[] | undefined {
    const positions = this.nodes?.flatMap(({ loc }) => (loc === undefined ? [] : [loc.start]))
    return positions?.length === 0 ? undefined : positions
  }
}

Object.setPrototypeOf(LightError.prototype, GraphQLError.prototype)

function extensionsOf(error: (Error & { readonly extensions?: unknown }) | null | undefined): unknown {
  const extensions = error?.extensions
  return typeof extensions === 'object' && extensions !== null ? extensions : undefined
}

/** Lines are counted once per node: thousands of errors may point at the same one. */
const locationOf = memoizedWeakly(({ start, source }: Location) => Object.freeze(getLocation(source, start)))

function locationsOf(nodes: readonly ASTNode[]): readonly SourceLocation[] | undefined {
  const locations: SourceLocation[] = []
  for (const node of nodes) {
    if (node.loc !== undefined) locations.push(locationOf(node.loc))
  }
  return locations.length === 0 ? undefined : locations
}
