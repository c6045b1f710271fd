import {
  type ASTNode,
  GraphQLError,
  type GraphQLErrorOptions,
  getLocation,
  type SourceLocation,
} from 'graphql'

/**
 * A GraphQLError as its constructor makes it, but for the stack: that is the original error's, or empty. The constructor takes several
 * µs (a stack, and properties described one by one), and a request of which the time is up has three such errors for each of its rows: on a
 * node that is overloaded, not to answer would cost ten times as much as to answer.
 */
export function lightError(message: string, options: GraphQLErrorOptions): GraphQLError {
  return new LightError(message, options) as unknown as GraphQLError
}

/** Has as its own, and so enumerates, what a GraphQLError enumerates. */
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

/** Lines are counted once for a node: there are errors of a thousand rows at the same one. */
const located = new WeakMap<ASTNode, SourceLocation>()

function locationsOf(nodes: readonly ASTNode[]): readonly SourceLocation[] | undefined {
  const locations: SourceLocation[] = []
  for (const node of nodes) {
    if (node.loc === undefined) continue
    let location = located.get(node)
    if (location === undefined) {
      location = Object.freeze(getLocation(node.loc.source, node.loc.start))
      located.set(node, location)
    }
    locations.push(location)
  }
  return locations.length === 0 ? undefined : locations
}
