import { Kind, type SelectionSetNode } from 'graphql'
import type { Supergraph } from '../supergraph/readSupergraph'

/** The selections of `@provides` on fields above an object: external fields of it that are answered nevertheless. */
export type Provided = readonly SelectionSetNode[]

/** Whether the field is provided for objects of the type, and what is provided for the objects under it. */
export function providedIn(
  provided: Provided,
  typename: string,
  field: string,
  supergraph: Supergraph,
): { isProvided: boolean; below: Provided } {
  const below: SelectionSetNode[] = []
  let isProvided = false
  const look = ({ selections }: SelectionSetNode) => {
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value ?? typename
        if (supergraph.possibleTypes(condition).has(typename)) look(selection.selectionSet)
      } else if (selection.kind === Kind.FIELD && selection.name.value === field) {
        isProvided = true
        if (selection.selectionSet !== undefined) below.push(selection.selectionSet)
      }
    }
  }
  for (const selectionSet of provided) look(selectionSet)
  return { isProvided, below }
}
