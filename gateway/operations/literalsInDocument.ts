import {
  type DocumentNode,
  Kind,
  parseConstValue,
  parseType,
  print,
  type ValueNode,
  type VariableDefinitionNode,
  visit,
} from 'graphql'
import type { NormalVariable } from '../../federation/operations/normalOperation'
import { declarationOf } from '../../federation/operations/normalVariables'

/** Replaces variables of the normal form by their literals, for literals that must stay in the document. */
export function withLiterals(document: DocumentNode, variables: readonly NormalVariable[]): DocumentNode {
  const literals = new Map(
    variables.flatMap((variable) => {
      const literal = literalOf(variable)
      return literal === undefined ? [] : [[variable.name, literal] as const]
    }),
  )
  if (literals.size === 0) return document
  const inside = new Set(
    variables.flatMap(({ name, source }) =>
      literals.has(name) && source.kind === 'inDocument' ? [...source.inside.values()] : [],
    ),
  )
  return visit(document, {
    OperationDefinition: (node) => {
      const kept =
        node.variableDefinitions?.filter(({ variable }) => !literals.has(variable.name.value)) ?? []
      const known = new Set(kept.map(({ variable }) => variable.name.value))
      const added = [...inside].filter(({ name }) => !known.has(name)).map(definitionOf)
      return { ...node, variableDefinitions: [...kept, ...added] }
    },
    Variable: (node) => literals.get(node.name.value),
  })
}

/** The names of the variables that the document declares. */
export function sentVariables(
  document: DocumentNode,
  variables: readonly NormalVariable[],
): readonly string[] {
  const declared = new Set(
    document.definitions.flatMap((node) =>
      node.kind === Kind.OPERATION_DEFINITION
        ? (node.variableDefinitions ?? []).map(({ variable }) => variable.name.value)
        : [],
    ),
  )
  return variables.map(({ name }) => name).filter((name) => declared.has(name))
}

/** The literals that stay in a plan's documents, as text. Plans with equal texts can share their steps. */
export function literalsKey(variables: readonly NormalVariable[]): string {
  return variables
    .flatMap((variable) => {
      const literal = literalOf(variable)
      if (literal === undefined || variable.source.kind !== 'inDocument') return []
      const inside = [...variable.source.inside.values()].map(declarationOf)
      return `$${variable.name}=${print(literal)} ${inside.join()}`
    })
    .join()
}

/** Undefined for a variable that stays a variable. */
function literalOf({ source }: NormalVariable): ValueNode | undefined {
  if (source.kind !== 'inDocument') return undefined
  return visit(source.value, {
    Variable: (node) => ({
      ...node,
      name: { ...node.name, value: source.inside.get(node.name.value)!.name },
    }),
  })
}

function definitionOf({ name, type, defaultValue }: NormalVariable): VariableDefinitionNode {
  return {
    kind: Kind.VARIABLE_DEFINITION,
    variable: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } },
    type: parseType(type, { noLocation: true }),
    ...(defaultValue !== undefined && { defaultValue: parseConstValue(defaultValue, { noLocation: true }) }),
  }
}
