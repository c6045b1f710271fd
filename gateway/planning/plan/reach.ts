import {
  type GraphQLOutputType,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import type { Supergraph } from '../../supergraph/readSupergraph'

/** What can be had of objects of a type, wherever they come from: the same for all operations. */
export class Reach {
  private readonly known = new Map<string, ReadonlySet<string>>()

  constructor(private readonly supergraph: Supergraph) {}

  /** Whether the subgraph answers the field of objects of a type as it names it, without asking others. */
  isLocal(subgraph: string, typename: string, field: string): boolean {
    const facts = this.supergraph.field(subgraph, typename, field)
    if (facts === undefined || facts.isElsewhere) return false
    return !facts.isExternal || this.supergraph.isKeyField(subgraph, typename, field)
  }

  /** The field's type in the subgraph. */
  typeOf(subgraph: string, typename: string, field: string): GraphQLOutputType | undefined {
    const type = this.supergraph.schema(subgraph)?.getType(typename)
    if (!isObjectType(type) && !isInterfaceType(type)) return undefined
    return Object.hasOwn(type.getFields(), field) ? type.getFields()[field].type : undefined
  }

  /** The subgraphs that can be asked for entities of the type which come from this one; itself where it finds them by a key of its own. */
  from(subgraph: string, type: string): ReadonlySet<string> {
    const key = `${subgraph} ${type}`
    let reached = this.known.get(key)
    if (reached === undefined) {
      reached = this.find(subgraph, type)
      this.known.set(key, reached)
    }
    return reached
  }

  private find(from: string, type: string): ReadonlySet<string> {
    const reached = new Set<string>()
    const visited = new Set([from])
    for (let size = -1; size !== reached.size; ) {
      size = reached.size
      for (const subgraph of this.supergraph.subgraphs) {
        if (reached.has(subgraph) || !this.isFoundBy(subgraph, type, visited)) continue
        reached.add(subgraph)
        visited.add(subgraph)
      }
    }
    return reached
  }

  /** Whether what some subgraphs know of an object is a key by which this one finds it. */
  private isFoundBy(subgraph: string, type: string, visited: ReadonlySet<string>): boolean {
    const typename = this.supergraph.typenameFor(subgraph, type)
    if (typename === undefined) return false
    return this.supergraph
      .keys(subgraph, typename)
      .some(({ selectionSet, isResolvable }) => isResolvable && this.isKnown(selectionSet, type, visited))
  }

  private isKnown(key: SelectionSetNode, type: string, visited: ReadonlySet<string>): boolean {
    return key.selections.every(
      (selection) =>
        selection.kind === Kind.FIELD &&
        [...visited].some((subgraph) => {
          const typename = this.supergraph.typenameFor(subgraph, type)
          if (typename === undefined || !this.isLocal(subgraph, typename, selection.name.value)) return false
          if (selection.selectionSet === undefined) return true
          const below = this.typeOf(subgraph, typename, selection.name.value)
          return (
            below !== undefined &&
            this.isKnown(selection.selectionSet, getNamedType(below).name, new Set([subgraph]))
          )
        }),
    )
  }
}
