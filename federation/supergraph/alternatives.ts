import { getNamedType, isUnionType } from 'graphql'
import type { Supergraph } from './readSupergraph'

/**
 * The subgraphs from which the objects at one place may come. A field that several of them share has the same value in
 * each. Computed on demand, which only unions need.
 */
export class Alternatives {
  private subgraphs: ReadonlySet<string> | undefined

  /** Without `find`, for the root, which any subgraph may answer. */
  constructor(private readonly find?: () => ReadonlySet<string>) {}

  /** The subgraphs that have a field of the type, and from which the objects come or in which they can be found. */
  below(type: string, field: string, supergraph: Supergraph): Alternatives {
    return new Alternatives(() => {
      const above = this.known()
      const found = [...(above ?? [])].flatMap((subgraph) => [...supergraph.reach.from(subgraph, type)])
      const isThere = (subgraph: string) => {
        const typename = supergraph.typenameFor(subgraph, type)
        return typename !== undefined && supergraph.reach.isLocal(subgraph, typename, field)
      }
      return new Set([...(above ?? supergraph.subgraphs), ...found].filter(isThere))
    })
  }

  /**
   * The declared types that values of a field can have in a subgraph, given that they may come from any alternative: a
   * member that one alternative lacks in its union never occurs.
   */
  possible(
    types: readonly string[],
    subgraph: string,
    parent: string,
    field: string,
    supergraph: Supergraph,
  ): readonly string[] {
    if (unionOf(subgraph, parent, field, supergraph) === undefined) return types
    const unions = [...(this.known() ?? [])].flatMap((one) => unionOf(one, parent, field, supergraph) ?? [])
    return types.filter((type) => unions.every((union) => union.getTypes().some(({ name }) => name === type)))
  }

  private known(): ReadonlySet<string> | undefined {
    this.subgraphs ??= this.find?.()
    return this.subgraphs
  }
}

function unionOf(subgraph: string, parent: string, field: string, supergraph: Supergraph) {
  const type = supergraph.reach.typeOf(subgraph, supergraph.typenameFor(subgraph, parent) ?? parent, field)
  const named = type && getNamedType(type)
  return isUnionType(named) ? named : undefined
}
