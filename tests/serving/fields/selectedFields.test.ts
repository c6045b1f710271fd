import type { FieldNode } from 'graphql'
import { type FragmentDefinitionNode, Kind, type OperationDefinitionNode, parse } from 'graphql'
import { selectedFields } from '../../../serving/fields/selectedFields'

/** The names of the fields below the first field of a query. */
function selectedBelow(source: string): readonly string[] {
  const { definitions } = parse(source)
  const [query, ...others] = definitions as readonly [OperationDefinitionNode, ...FragmentDefinitionNode[]]
  const fragments = Object.fromEntries(others.map((one) => [one.name.value, one]))
  const nodes = query.selectionSet.selections.filter((node): node is FieldNode => node.kind === Kind.FIELD)
  return selectedFields(nodes, { fragments }).map(({ name }) => name.value)
}

it('finds the fields of all nodes, through fragments of either kind', () => {
  const source = '{ own { a ... { b ...C } } own { d } } fragment C on Own { c ...D } fragment D on Own { e }'
  expect(selectedBelow(source)).toEqual(['a', 'b', 'c', 'e', 'd'])
})

it('counts a fragment once, however often it is spread', () => {
  const layers = Array.from(
    { length: 12 },
    (_, at) => `fragment F${at} on Own { ...F${at + 1} ...F${at + 1} }`,
  )
  const source = `{ own { ...F0 } own { ...F0 } } ${layers.join(' ')} fragment F12 on Own { a }`
  expect(selectedBelow(source)).toEqual(['a'])
})
