import { getNamedType, isInterfaceType, isObjectType, isUnionType } from 'graphql'
import type { Supergraph } from './readSupergraph'

/**
 * The subgraphs from which the objects at one place may come: what several of them share is the same wherever it is asked. Undefined at the
 * root, which may be asked of any.
 */
export type Alternatives = ReadonlySet<string> | undefined

/** Those for a field of objects of the type: where it is had, and the objects stand already or are found again. */
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

/** Whether an object of the type may be what the field gives: a member that one of the subgraphs does not have in its union is never that. */
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
