import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import { fragmentsOf } from '../../federation/operations/collectFields'
import type { Supergraph } from '../../federation/supergraph/readSupergraph'
import { memoized } from '../../lib/memoized'

/** A top-level field of a fetch, on an entity or on the root. */
export interface FetchedField {
  /** The type condition around the field; undefined at the root. */
  readonly condition: string | undefined
  readonly name: string
  readonly responseKey: string
}

/** The fields of a root fetch. */
export function rootFields(document: DocumentNode): readonly FetchedField[] {
  return collect(operationOf(document).selectionSet, undefined, fragmentsOf(document))
}

/** The fields that an entity fetch asks for under `entitiesKey`, which is `_entities` or an alias of it. */
export function entityFields(document: DocumentNode, entitiesKey: string): readonly FetchedField[] {
  for (const selection of operationOf(document).selectionSet.selections) {
    if (selection.kind !== Kind.FIELD || (selection.alias ?? selection.name).value !== entitiesKey) continue
    if (selection.selectionSet) return collect(selection.selectionSet, undefined, fragmentsOf(document))
  }
  throw new Error(`Bug: an entity fetch without ${entitiesKey}`)
}

/** The fields that apply to an object of the given type, without __typename; computed once per type. */
export function fieldsByType(
  fields: readonly FetchedField[],
  supergraph: Supergraph,
): (type: unknown) => readonly FetchedField[] {
  const shown = fields.filter(({ name }) => name !== '__typename')
  return memoized((type: unknown) => {
    if (typeof type !== 'string') return shown
    return shown.filter(
      ({ condition }) => condition === undefined || supergraph.possibleTypes(condition).has(type),
    )
  })
}

function operationOf(document: DocumentNode): OperationDefinitionNode {
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) return definition
  }
  throw new Error('Bug: a fetch without an operation')
}

function collect(
  selectionSet: SelectionSetNode,
  condition: string | undefined,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): FetchedField[] {
  return selectionSet.selections.flatMap((selection): FetchedField[] => {
    if (selection.kind === Kind.FIELD) {
      const name = selection.name.value
      return [{ condition, name, responseKey: selection.alias?.value ?? name }]
    }
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value)
    if (fragment === undefined) throw new Error('Bug: a fetch with an unknown fragment')
    return collect(fragment.selectionSet, fragment.typeCondition?.name.value ?? condition, fragments)
  })
}
