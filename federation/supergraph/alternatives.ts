import { getNamedType, isInterfaceType, isObjectType, isUnionType } from 'graphql'
import type { Supergraph } from './readSupergraph'

/**
 * The subgraphs that the objects at one place may come from. A shared field yields the same in all of them. Undefined at the root, which
 * any subgraph may answer.
 */
export type Alternatives = ReadonlySet<string> | undefined

/** The alternatives below a field: the subgraphs that have it and know the object, or find it by a key. */
export function alternativesBelow(
  above: Alternatives,
  type: string,
  field: string,
  supergraph: Supergraph,
): ReadonlySet<string> {
  const known = above ?? new Set(supergraph.subgraphs)
  const found = [...(above ?? [])].flatMap((subgraph) => [...supergraph.reach.from(subgraph, type)])
  const isThere = (subgraph: string) => {
    const typename = supergraph.typenameFor(subgraph, type)
    return typename !== undefined && supergraph.reach.isLocal(subgraph, typename, field)
  }
  return new Set([...known, ...found].filter(isThere))
}

/** Whether the field may yield an object of the type. It never yields a member that one of the subgraphs lacks in its union. */
export function mayBe(
  type: string,
  parent: string,
  field: string,
  alternatives: ReadonlySet<string>,
  supergraph: Supergraph,
): boolean {
  return [...alternatives].every((subgraph) => {
    const owner = supergraph.schema(subgraph)?.getType(supergraph.typenameFor(subgraph, parent) ?? parent)
    const fields = isObjectType(owner) || isInterfaceType(owner) ? owner.getFields() : {}
    const named = Object.hasOwn(fields, field) ? getNamedType(fields[field].type) : undefined
    return !isUnionType(named) || named.getTypes().some(({ name }) => name === type)
  })
}
