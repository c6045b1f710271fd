import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql'

/** The fields that are selected below some fields, through fragments. Fields excluded by `@skip` count too. */
export function selectedFields(
  nodes: readonly FieldNode[],
  { fragments }: Pick<GraphQLResolveInfo, 'fragments'>,
): readonly FieldNode[] {
  const fields: FieldNode[] = []
  // Each fragment counts once: fragments that spread others twice would take time without end.
  const spread = new Set<string>()
  const collect = (selectionSet: SelectionSetNode | undefined): void => {
    for (const node of selectionSet?.selections ?? []) {
      if (node.kind === Kind.FIELD) fields.push(node)
      else if (node.kind === Kind.INLINE_FRAGMENT) collect(node.selectionSet)
      else if (!spread.has(node.name.value)) {
        spread.add(node.name.value)
        collect(fragments[node.name.value].selectionSet)
      }
    }
  }
  for (const { selectionSet } of nodes) collect(selectionSet)
  return fields
}
