import {
  type GraphQLNamedType,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import type { Site } from '../fields/site'
import { parseFieldSet } from '../sdl/fieldSet'
import { isExternal, requiresOf, type Subgraph } from '../sdl/subgraph'

/**
 * A prediction must not depend on itself: what a field requires of other subgraphs must not require the field in turn.
 */
export function checkRequiresCycle(site: Site): void {
  const cycle = findCycle(site, [`${site.type.name}.${site.field.name}`])
  if (cycle !== undefined) site.refuse(`@requires must not lead back to the field, got ${cycle.join(' -> ')}`)
}

/** `seen` are fields that do not lead back, or are being looked at: one may be reached on very many ways. */
function findCycle(
  site: Site,
  path: readonly string[],
  seen = new Set<string>(),
): readonly string[] | undefined {
  for (const next of requiredBy(site.subgraphs, path.at(-1)!)) {
    if (next === path[0]) return [...path, next]
    // A cycle that does not contain the first field is reported at its own fields.
    if (seen.has(next)) continue
    seen.add(next)
    const cycle = findCycle(site, [...path, next], seen)
    if (cycle !== undefined) return cycle
  }
  return undefined
}

/** The fields that a field requires in the subgraphs that answer it, as `Type.field`. */
function requiredBy(subgraphs: readonly Subgraph[], coordinate: string): string[] {
  const [typeName, fieldName] = coordinate.split('.')
  return subgraphs.flatMap((subgraph) => {
    const type = subgraph.schema.getType(typeName)
    if (!isObjectType(type) && !isInterfaceType(type)) return []
    const field = type.getFields()[fieldName]
    if (field === undefined || isExternal(subgraph, type, field)) return []
    const fieldSet = parseFieldSet(requiresOf(subgraph, field) ?? '')
    return fieldSet === undefined ? [] : fieldsOf(subgraph, fieldSet, type)
  })
}

function fieldsOf(subgraph: Subgraph, fieldSet: SelectionSetNode, type: GraphQLNamedType): string[] {
  return fieldSet.selections.flatMap((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const inner = subgraph.schema.getType(selection.typeCondition?.name.value ?? type.name)
      return inner === undefined ? [] : fieldsOf(subgraph, selection.selectionSet, inner)
    }
    if (selection.kind !== Kind.FIELD || !(isObjectType(type) || isInterfaceType(type))) return []
    const field = type.getFields()[selection.name.value]
    if (field === undefined) return []
    const inside = selection.selectionSet
    return [
      `${type.name}.${field.name}`,
      ...(inside === undefined ? [] : fieldsOf(subgraph, inside, getNamedType(field.type))),
    ]
  })
}
