import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql'
import type { Supergraph } from '../../federation/supergraph/readSupergraph'
import { invariant } from '../../lib/invariant'
import { memoizedUpTo } from '../../lib/memoized'

/** A top-level field of a fetch, on an entity or on the root. */
export interface FetchedField {
  /** The type condition around the field; undefined at the root. */
  readonly condition: string | undefined
  readonly name: string
  readonly responseKey: string
}

/** For so many names of types, which subgraphs answer, what is known of them is kept. */
export const mostTypes = 1000

/** The fields of a root fetch. */
export function rootFields(document: DocumentNode): readonly FetchedField[] {
  return collect(selectionOf(document), undefined)
}

/** The fields that an entity fetch asks for under `entitiesKey`, which is `_entities` or an alias of it. */
export function entityFields(document: DocumentNode, entitiesKey: string): readonly FetchedField[] {
  for (const selection of selectionOf(document).selections) {
    if (selection.kind !== Kind.FIELD || (selection.alias ?? selection.name).value !== entitiesKey) continue
    if (selection.selectionSet) return collect(selection.selectionSet, undefined)
  }
  throw new Error(`Bug: an entity fetch without ${entitiesKey}`)
}

/**
 * The fields that apply to an object of the given type, without __typename unless that is all that is asked for;
 * computed once per type.
 */
export function fieldsByType(
  fields: readonly FetchedField[],
  supergraph: Supergraph,
): (type: unknown) => readonly FetchedField[] {
  const besideTypename = fields.filter(({ name }) => name !== '__typename')
  const asked = besideTypename.length > 0 ? besideTypename : fields
  return memoizedUpTo(mostTypes, (type: unknown) => {
    if (typeof type !== 'string') return asked
    return asked.filter(
      ({ condition }) => condition === undefined || supergraph.possibleTypes(condition).has(type),
    )
  })
}

/** The check of plans has made sure that a fetch is one operation, and that it names no fragments. */
function selectionOf({ definitions: [operation] }: DocumentNode): SelectionSetNode {
  invariant(operation.kind === Kind.OPERATION_DEFINITION, 'a fetch is an operation')
  return operation.selectionSet
}

function collect({ selections }: SelectionSetNode, condition: string | undefined): FetchedField[] {
  return selections.flatMap((selection): FetchedField[] => {
    invariant(selection.kind !== Kind.FRAGMENT_SPREAD, 'a fetch names no fragments')
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return collect(selection.selectionSet, selection.typeCondition?.name.value ?? condition)
    const name = selection.name.value
    return [{ condition, name, responseKey: selection.alias?.value ?? name }]
  })
}
