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
  /** Results in progress, which may still grow. */
  private readonly assumed = new Map<string, ReadonlySet<string>>()

  constructor(
    private readonly subgraphs: readonly string[],
    private readonly facts: SubgraphFacts,
  ) {}

  /** Whether the subgraph answers the field on its own, for objects of a type by the subgraph's name for it. */
  isLocal(subgraph: string, typename: string, field: string): boolean {
    const facts = this.facts.field(subgraph, typename, field)
    return facts !== undefined && !facts.isElsewhere && !facts.isExternal
  }

  typeOf(subgraph: string, typename: string, field: string): GraphQLOutputType | undefined {
    const type = this.facts.schema(subgraph)?.getType(typename)
    if (!isObjectType(type) && !isInterfaceType(type)) return undefined
    return Object.hasOwn(type.getFields(), field) ? type.getFields()[field].type : undefined
  }

  /** The subgraphs that entities of the type from this one can be found in; it too, if by a key. */
  from(subgraph: string, type: string): ReadonlySet<string> {
    const key = `${subgraph} ${type}`
    const known = this.known.get(key) ?? this.assumed.get(key)
    if (known !== undefined) return known
    const isOutermost = this.assumed.size === 0
    this.assumed.set(key, none)
    this.assumed.set(key, this.find(subgraph, type))
    if (!isOutermost) return this.assumed.get(key)!
    this.settle()
    return this.known.get(key)!
  }

  /** Keys may lead through other entities and back: results are computed again until none grows any more. */
  private settle(): void {
    for (let before = -1; before !== this.size; ) {
      before = this.size
      for (const key of [...this.assumed.keys()]) {
        const [from, of] = key.split(' ')
        this.assumed.set(key, this.find(from, of))
      }
    }
    for (const [key, found] of this.assumed) this.known.set(key, found)
    this.assumed.clear()
  }

  private get size(): number {
    let size = this.assumed.size
    for (const found of this.assumed.values()) size += found.size
    return size
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
