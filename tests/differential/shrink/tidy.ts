import { type DocumentNode, Kind, type OperationDefinitionNode, visit } from 'graphql'

/** Without the fragments and the variables that nothing uses any more. */
export function tidy(document: DocumentNode): DocumentNode {
  let current = document
  for (;;) {
    const spread = new Set<string>()
    visit(current, {
      FragmentSpread({ name }) {
        spread.add(name.value)
      },
    })
    const definitions = current.definitions.filter(
      (it) => it.kind !== Kind.FRAGMENT_DEFINITION || spread.has(it.name.value),
    )
    if (definitions.length === current.definitions.length) break
    current = { ...current, definitions }
  }
  const used = new Set<string>()
  visit(current, {
    VariableDefinition: () => false,
    Variable({ name }) {
      used.add(name.value)
    },
  })
  return {
    ...current,
    definitions: current.definitions.map((it) =>
      it.kind === Kind.OPERATION_DEFINITION ? withVariables(it, used) : it,
    ),
  }
}

function withVariables(
  operation: OperationDefinitionNode,
  used: ReadonlySet<string>,
): OperationDefinitionNode {
  const variableDefinitions = operation.variableDefinitions?.filter(({ variable }) =>
    used.has(variable.name.value),
  )
  return { ...operation, variableDefinitions }
}

/** The values of those variables that the document declares. */
export function declaredValues(
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const names = new Set(
    document.definitions.flatMap((it) =>
      it.kind === Kind.OPERATION_DEFINITION
        ? (it.variableDefinitions ?? []).map(({ variable }) => variable.name.value)
        : [],
    ),
  )
  return Object.fromEntries(Object.entries(variables).filter(([name]) => names.has(name)))
}
