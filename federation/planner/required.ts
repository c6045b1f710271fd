import { Kind, type SelectionSetNode } from 'graphql'
import type { RequiresSelection } from '../queryPlan'
import type { Location } from './location'
import { argumentsText } from './wants'

/** What is sent of an object at a location: a key or what a field requires, by the keys that it has in the data. */
export function requiredSelections(
  location: Location,
  type: string,
  { selections }: SelectionSetNode,
  typesOf: (condition: string) => readonly string[],
): readonly RequiresSelection[] {
  return selections.flatMap((selection): readonly RequiresSelection[] => {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value
      if (condition === undefined) return requiredSelections(location, type, selection.selectionSet, typesOf)
      return typesOf(condition)
        .filter((one) => location.types.includes(one))
        .map((one) => ({
          kind: 'InlineFragment',
          typeCondition: one,
          selections: requiredSelections(location, one, selection.selectionSet, typesOf),
        }))
    }
    if (selection.kind !== Kind.FIELD) return []
    const name = selection.name.value
    if (name === '__typename') return [{ kind: 'Field', name }]
    const found = location.find(type, {
      key: undefined,
      name,
      args: argumentsText(selection),
      variables: [],
      below: undefined,
    })
    if (found === undefined) return []
    const { key, below } = found.entry
    const alias = key === name ? {} : { alias: name }
    if (selection.selectionSet === undefined || below === undefined)
      return [{ kind: 'Field', name: key, ...alias }]
    const [first = type] = below.location.types
    return [
      {
        kind: 'Field',
        name: key,
        ...alias,
        selections: requiredSelections(below.location, first, selection.selectionSet, typesOf),
      },
    ]
  })
}
