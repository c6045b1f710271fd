import {
  type BooleanValueNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type VariableNode,
  visit,
} from 'graphql'
import type { Variables } from '../planRun'

/** The values that the variables of conditions have in one request. */
export type Conditions = ReadonlyMap<string, boolean | null>

/** Names of the variables by which `@skip` and `@include` decide, in an operation and the fragments that it reaches. */
export function conditionVariables(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): readonly string[] {
  const names = new Set<string>()
  const reached = new Set<string>()
  const look = (node: OperationDefinitionNode | FragmentDefinitionNode): void => {
    visit(node, {
      Directive(directive) {
        if (!isCondition(directive.name.value)) return
        const value = directive.arguments?.[0]?.value
        if (value?.kind === Kind.VARIABLE) names.add(value.name.value)
      },
      FragmentSpread({ name: { value: name } }) {
        const fragment = fragments.get(name)
        if (fragment === undefined || reached.has(name)) return
        reached.add(name)
        look(fragment)
      },
    })
  }
  look(operation)
  return [...names]
}

export function readConditions(names: readonly string[], variables: Variables): Conditions {
  return new Map(names.map((name) => [name, (variables[name] as boolean | null | undefined) ?? null]))
}

/** A key for the combination of values: one character for each condition. */
export function conditionsKey(names: readonly string[], variables: Variables): string {
  let key = ''
  for (const name of names) {
    const value = variables[name]
    key += value === true ? '1' : value === false ? '0' : 'n'
  }
  return key
}

/** Whether a selection takes part. Throws, as graphql-js says it, where one of its conditions is null. */
export function isIncluded(selection: SelectionNode, conditions: Conditions): boolean {
  let skipped = false
  let included = true
  // In the order of the specification's algorithm: what is skipped has no other condition read.
  for (const name of ['skip', 'include'] as const) {
    const directive = selection.directives?.find((candidate) => candidate.name.value === name)
    const value = directive?.arguments?.[0]?.value
    if (value === undefined || (skipped && name === 'include')) continue
    const decided = decide(value as BooleanValueNode | VariableNode, conditions)
    if (name === 'skip') skipped = decided
    else included = decided
  }
  return included && !skipped
}

function decide(value: BooleanValueNode | VariableNode, conditions: Conditions): boolean {
  if (value.kind === Kind.BOOLEAN) return value.value
  const decided = conditions.get(value.name.value)
  if (decided !== null && decided !== undefined) return decided
  throw new GraphQLError('Argument "if" of non-null type "Boolean!" must not be null.', { nodes: value })
}

function isCondition(directive: string): boolean {
  return directive === 'skip' || directive === 'include'
}
