import { Kind, type SelectionSetNode } from 'graphql'
import { parseSelection } from '../../federation/supergraph/joinDirectives'

/** One step of a path through fields. */
export interface Step {
  /** The name of the type that has the field. */
  readonly type: string
  readonly field: string
}

/** A field set such as `id cast { person { id } }`; undefined if it does not parse. */
export function parseFieldSet(text: string): SelectionSetNode | undefined {
  try {
    return parseSelection(text)
  } catch {
    return undefined
  }
}

/** Whether the field set selects the path, for every object on the path. */
export function covers(fieldSet: SelectionSetNode, steps: readonly Step[]): boolean {
  const [step, ...rest] = steps
  return fieldSet.selections.some((selection) => {
    if (selection.kind === Kind.FIELD) {
      const { name, selectionSet } = selection
      if (name.value !== step.field) return false
      return rest.length === 0 || (selectionSet !== undefined && covers(selectionSet, rest))
    }
    if (selection.kind !== Kind.INLINE_FRAGMENT) return false
    const condition = selection.typeCondition?.name.value
    return (condition === undefined || condition === step.type) && covers(selection.selectionSet, steps)
  })
}

/** A path as a field set: `cast { person { id } }`. */
export function nested(path: readonly string[]): string {
  return path.length === 1 ? path[0] : `${path[0]} { ${nested(path.slice(1))} }`
}
