import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql'
import type { OutputShape } from '../../schema/fields/plan'

/**
 * Compiles which outputs a selection needs. Equal results are the same array, so that they can be compared by identity.
 */
export function compileWantedOutputs(shape: OutputShape): (info: GraphQLResolveInfo) => readonly string[] {
  if (shape.kind !== 'object') {
    const only = [shape.output]
    return () => only
  }
  const interned = new Map<string, readonly string[]>()
  const bySelection = new WeakMap<SelectionSetNode, readonly string[]>()
  const collect = (info: GraphQLResolveInfo): readonly string[] => {
    const names = new Set<string>()
    for (const { selectionSet } of info.fieldNodes) if (selectionSet) collectNames(selectionSet, info, names)
    names.delete('__typename')
    const asked = shape.fields.filter((field) => names.has(field))
    // A selected field that is no output has a resolver or a prediction of its own, which may read any output.
    const outputs = asked.length === names.size ? asked : shape.fields
    const key = outputs.join(' ')
    if (!interned.has(key)) interned.set(key, outputs)
    return interned.get(key)!
  }
  return (info) => {
    const selection = info.fieldNodes[0].selectionSet
    if (info.fieldNodes.length > 1 || selection === undefined) return collect(info)
    let wanted = bySelection.get(selection)
    if (wanted === undefined) {
      wanted = collect(info)
      bySelection.set(selection, wanted)
    }
    return wanted
  }
}

/**
 * Collects the field names of a selection, through fragments. Fields excluded by `@skip` count too: that only computes
 * an unused output.
 */
function collectNames(selection: SelectionSetNode, info: GraphQLResolveInfo, names: Set<string>): void {
  for (const node of selection.selections) {
    if (node.kind === Kind.FIELD) names.add(node.name.value)
    else if (node.kind === Kind.INLINE_FRAGMENT) collectNames(node.selectionSet, info, names)
    else collectNames(info.fragments[node.name.value].selectionSet, info, names)
  }
}
