import { getNamedType, isInterfaceType, isObjectType, isUnionType } from 'graphql'
import type { Supergraph } from './readSupergraph'

/**
 * The subgraphs from which the objects at one place may come: what several of them share is the same wherever it is asked. Found when it is
 * asked for, which is for unions.
 */
export class Alternatives {
  private subgraphs: ReadonlySet<string> | undefined

  /** Without `find` those of the root, which may be asked of any. */
  constructor(private readonly find?: () => ReadonlySet<string>) {}

  /** Those for a field of objects of the type: where it is had, and the objects stand already or are found again. */
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
   * Of the types that a subgraph declares for a field whose values come from these subgraphs, those that its values can have: a member that
   * one of the subgraphs does not have in its union is never what the field gives.
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
  const owner = supergraph.schema(subgraph)?.getType(supergraph.typenameFor(subgraph, parent) ?? parent)
  if (!isObjectType(owner) && !isInterfaceType(owner)) return undefined
  const definition = Object.hasOwn(owner.getFields(), field) ? owner.getFields()[field] : undefined
  const named = definition && getNamedType(definition.type)
  return isUnionType(named) ? named : undefined
}
