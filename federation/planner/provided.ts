import { Kind, type SelectionSetNode } from 'graphql'
import type { Supergraph } from '../supergraph/readSupergraph'

/** An object as a subgraph answers it: what it is called there, its type, and what `@provides` selects of it. */
interface AnsweredObject {
  readonly subgraph: string
  readonly typename: string
  readonly type: string
  readonly provided: readonly SelectionSetNode[]
}

/** Whether the subgraph answers the field of the object on its own. */
export function isHere(
  { subgraph, typename, type, provided }: AnsweredObject,
  field: string,
  supergraph: Supergraph,
): boolean {
  if (supergraph.requiredBy(subgraph, typename, field) !== undefined) return false
  return (
    supergraph.reach.isLocal(subgraph, typename, field) ||
    (fieldsFor(provided, type, supergraph).some(({ name }) => name === field) &&
      supergraph.reach.typeOf(subgraph, typename, field) !== undefined)
  )
}

/** What is provided below a field: by what was provided above it, and by the field's own `@provides`. */
export function providedBelow(
  { subgraph, typename, type, provided }: AnsweredObject,
  field: string,
  supergraph: Supergraph,
): readonly SelectionSetNode[] {
  const own = supergraph.field(subgraph, typename, field)?.provides
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
