import { type DirectiveNode, Kind } from 'graphql'
import type { Variables } from './planRun'

/** Boolean variables and the value each must have for a selection to take part; empty: it always does. */
export type Guard = readonly { readonly variable: string; readonly value: boolean }[]

export const always: Guard = []

/** What `@skip` and `@include` of a selection demand, added to what was demanded above it; undefined: it never takes part. */
export function compileGuard(
  directives: readonly DirectiveNode[] | undefined,
  outer: Guard = always,
): Guard | undefined {
  if (directives === undefined || directives.length === 0) return outer
  const guard = [...outer]
  for (const directive of directives) {
    const name = directive.name.value
    if (name !== 'skip' && name !== 'include') continue
    const condition = directive.arguments?.find((argument) => argument.name.value === 'if')?.value
    const value = name === 'include'
    if (condition?.kind === Kind.BOOLEAN && condition.value !== value) return undefined
    if (condition?.kind !== Kind.VARIABLE) continue
    const variable = condition.name.value
    const known = guard.find((entry) => entry.variable === variable)
    if (known === undefined) guard.push({ variable, value })
    else if (known.value !== value) return undefined
  }
  return guard
}

export function holds(guard: Guard, variables: Variables): boolean {
  for (const { variable, value } of guard) if ((variables[variable] === true) !== value) return false
  return true
}
