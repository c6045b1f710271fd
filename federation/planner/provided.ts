import { Kind, type SelectionSetNode } from 'graphql'
import type { Supergraph } from '../supergraph/readSupergraph'

/** Whether one of the selections of `@provides` names the field, for objects of the type. */
export function isProvided(
  provided: readonly SelectionSetNode[],
  type: string,
  field: string,
  supergraph: Supergraph,
): boolean {
  return fieldsFor(provided, type, supergraph).some(({ name }) => name === field)
}

/** What is provided below a field: by what was provided above it, and by the field's own `@provides`. */
export function providedBelow(
  provided: readonly SelectionSetNode[],
  own: SelectionSetNode | undefined,
  type: string,
  field: string,
  supergraph: Supergraph,
): readonly SelectionSetNode[] {
  const below = fieldsFor(provided, type, supergraph).flatMap(({ name, selection }) =>
    name === field && selection !== undefined ? [selection] : [],
  )
  return own === undefined ? below : [...below, own]
}

function fieldsFor(
  provided: readonly SelectionSetNode[],
  type: string,
  supergraph: Supergraph,
): readonly { readonly name: string; readonly selection: SelectionSetNode | undefined }[] {
  return provided.flatMap(({ selections }) =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD)
        return [{ name: selection.name.value, selection: selection.selectionSet }]
      if (selection.kind !== Kind.INLINE_FRAGMENT) return []
      const condition = selection.typeCondition?.name.value
      const applies = condition === undefined || supergraph.possibleTypes(condition).has(type)
      return applies ? fieldsFor([selection.selectionSet], type, supergraph) : []
    }),
  )
}
