import { Kind, type SelectionNode, type SelectionSetNode } from 'graphql'
import type { Failure } from './check'

/** The same for failures that look like one fault: what differs, and what the operation is made of, without its names. */
export function signatureOf(failure: Failure): string {
  const { difference, operations, faultSeed, step } = failure
  // Whatever the operation, the fault is in how errors are told.
  if (difference.kind === 'location' || difference.kind === 'code') return roughSignature(failure)
  const shapes = operations.map(({ document }) =>
    document.definitions
      .map((it) =>
        it.kind === Kind.OPERATION_DEFINITION || it.kind === Kind.FRAGMENT_DEFINITION
          ? shapeOf(it.selectionSet)
          : '',
      )
      .join(' '),
  )
  const isSecond = step.endsWith('warm') ? 'warm' : 'cold'
  return `${difference.kind} ${isSecond} ${faultSeed === 0 ? '' : 'faults '}${plainDetail(difference.detail)} ${shapes.join(' | ')}`
}

/** A first guess, before the operation is made small. */
export function roughSignature({ difference }: Failure): string {
  return `${difference.kind} ${plainDetail(difference.detail)}`
}

/** Without names and numbers of this one case. */
function plainDetail(detail: string): string {
  return detail
    .replace(/\d+/g, '0')
    .replace(/"[^"]*"/g, '""')
    .replace(/ at \S+/g, '')
    .slice(0, 60)
}

function shapeOf({ selections }: SelectionSetNode): string {
  return `{${selections.map(shapeOfSelection).join(' ')}}`
}

function shapeOfSelection(selection: SelectionNode): string {
  const directives = (selection.directives ?? []).map(({ name }) => `@${name.value}`).join('')
  switch (selection.kind) {
    case Kind.FIELD: {
      const { alias, name, arguments: args = [], selectionSet } = selection
      const called = `${alias ? 'a:' : ''}${name.value.startsWith('__') ? name.value : 'f'}`
      return `${called}${args.length > 0 ? '()' : ''}${directives}${selectionSet ? shapeOf(selectionSet) : ''}`
    }
    case Kind.INLINE_FRAGMENT:
      return `...${selection.typeCondition ? 'on' : ''}${directives}${shapeOf(selection.selectionSet)}`
    case Kind.FRAGMENT_SPREAD:
      return `...F${directives}`
  }
}
