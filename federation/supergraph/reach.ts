import {
  type GraphQLOutputType,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import type { SubgraphFacts } from './subgraphFacts'

/** Which subgraphs can answer fields of an object, depending on where it comes from. The same for all operations. */
export class Reach {
  private readonly known = new Map<string, ReadonlySet<string>>()
  private readonly assumed = new Map<string, ReadonlySet<string>>()

  constructor(
    private readonly subgraphs: readonly string[],
    private readonly facts: SubgraphFacts,
  ) {}

  /** Whether the subgraph answers the field on its own, for objects of a type by the subgraph's name for it. */
  isLocal(subgraph: string, typename: string, field: string): boolean {
    const facts = this.facts.field(subgraph, typename, field)
    if (facts === undefined || facts.isElsewhere) return false
    return !facts.isExternal
  }

  typeOf(subgraph: string, typename: string, field: string): GraphQLOutputType | undefined {
    const type = this.facts.schema(subgraph)?.getType(typename)
    if (!isObjectType(type) && !isInterfaceType(type)) return undefined
    return Object.hasOwn(type.getFields(), field) ? type.getFields()[field].type : undefined
  }

  /** The subgraphs that entities of the type from this one can be found in; it too, if by a key. */
  from(subgraph: string, type: string): ReadonlySet<string> {
    const key = `${subgraph} ${type}`
    const known = this.known.get(key)
    if (known !== undefined) return known
    // Keys may lead through other entities and back. Results in progress start empty and are computed again until
    // nothing changes.
    if (this.assumed.has(key)) return this.assumed.get(key)!
    const isOutermost = this.assumed.size === 0
    this.assumed.set(key, none)
    let reached = this.find(subgraph, type)
    if (!isOutermost) {
      this.assumed.set(key, reached)
      return reached
    }
    for (let isNew = true; isNew; ) {
      isNew = false
      const { size } = this.assumed
      for (const other of [...this.assumed.keys()]) {
        const [from, of] = other.split(' ')
        const before = this.assumed.get(other)!
        const found = this.find(from, of)
        if (found.size > before.size) isNew = true
        this.assumed.set(other, found)
      }
      if (this.assumed.size > size) isNew = true
    }
    for (const [other, found] of this.assumed) this.known.set(other, found)
    this.assumed.clear()
    reached = this.known.get(key)!
    return reached
  }

  private find(from: string, type: string): ReadonlySet<string> {
    const reached = new Set<string>()
    const visited = new Set([from])
    for (let size = -1; size !== reached.size; ) {
      size = reached.size
      for (const subgraph of this.subgraphs) {
        if (reached.has(subgraph) || !this.isFoundBy(subgraph, type, visited)) continue
        reached.add(subgraph)
        visited.add(subgraph)
      }
    }
    return reached
  }

  /** Whether some subgraphs together know a key by which this one finds the object. */
  private isFoundBy(subgraph: string, type: string, visited: ReadonlySet<string>): boolean {
    const typename = this.facts.typenameFor(subgraph, type)
    if (typename === undefined) return false
    return this.facts
      .keys(subgraph, typename)
      .some(({ selectionSet, isResolvable }) => isResolvable && this.isKnown(selectionSet, type, visited))
  }

  private isKnown(key: SelectionSetNode, type: string, visited: ReadonlySet<string>): boolean {
    return key.selections.every(
      (selection) =>
        selection.kind === Kind.FIELD &&
        [...visited].some((subgraph) => {
          const typename = this.facts.typenameFor(subgraph, type)
          if (typename === undefined || !this.isLocal(subgraph, typename, selection.name.value)) return false
          if (selection.selectionSet === undefined) return true
          const below = this.typeOf(subgraph, typename, selection.name.value)
          if (below === undefined) return false
          const name = getNamedType(below).name
          return this.isKnown(selection.selectionSet, name, new Set([subgraph, ...this.from(subgraph, name)]))
        }),
    )
  }
}

const none: ReadonlySet<string> = new Set()
