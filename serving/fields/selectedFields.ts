import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql'

type Fragments = Pick<GraphQLResolveInfo, 'fragments'>

/** The fields of a selection, through fragments. Fields excluded by `@skip` count too. */
export function* selectedFields(
  selectionSet: SelectionSetNode | undefined,
  { fragments }: Fragments,
): Iterable<FieldNode> {
  for (const node of selectionSet?.selections ?? []) {
    if (node.kind === Kind.FIELD) yield node
    else if (node.kind === Kind.INLINE_FRAGMENT) yield* selectedFields(node.selectionSet, { fragments })
    else yield* selectedFields(fragments[node.name.value].selectionSet, { fragments })
  }
}
