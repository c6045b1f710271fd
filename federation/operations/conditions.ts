import {
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  visit,
} from 'graphql'

type Values = Readonly<Record<string, unknown>>

/** The values of the condition variables in one request. */
export type Conditions = Readonly<Record<string, boolean | null>>

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
  return Object.fromEntries(names.map((name) => [name, (variables[name] as boolean | undefined) ?? null]))
}

/** Whether the conditions of a selection include it. Throws the error of graphql-js if a condition is null. */
export function isIncluded(selection: SelectionNode, conditions: Conditions): boolean {
  if (selection.directives === undefined || selection.directives.length === 0) return true
  // In the order of the specification: if `@skip` applies, `@include` is not read.
  if (getDirectiveValues(GraphQLSkipDirective, selection, conditions)?.if === true) return false
  return getDirectiveValues(GraphQLIncludeDirective, selection, conditions)?.if !== false
}

function isCondition(directive: string): boolean {
  return directive === 'skip' || directive === 'include'
}
