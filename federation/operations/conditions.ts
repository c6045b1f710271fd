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

type Values = Readonly<Record<string, unknown>>

/** The values of the condition variables in one request. */
export type Conditions = ReadonlyMap<string, boolean | null>

/** Names of the variables in `@skip` and `@include`, in an operation and the fragments that it uses. */
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

export function readConditions(names: readonly string[], variables: Values): Conditions {
  return new Map(names.map((name) => [name, (variables[name] as boolean | null | undefined) ?? null]))
}

/** Whether the conditions of a selection include it. Throws the error of graphql-js if a condition is null. */
export function isIncluded(selection: SelectionNode, conditions: Conditions): boolean {
  if (selection.directives === undefined || selection.directives.length === 0) return true
  let skipped = false
  let included = true
  // In the order of the specification: if `@skip` applies, `@include` is not read.
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
