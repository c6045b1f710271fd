import type { FragmentDefinitionNode } from 'graphql'
import {
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  isInputObjectType,
  isInputType,
  isListType,
  type OperationDefinitionNode,
  typeFromAST,
  visit,
} from 'graphql'
import { PresageError } from '../../lib/errors'

/** Throws LIST_TOO_LONG if the variables, as the client sent them, hold a list that is too long. */
export type VariableListCheck = (variables: Readonly<Record<string, unknown>>) => void

/** Undefined if no variable of the operation can hold a list. */
export function compileVariableListCheck(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  schema: GraphQLSchema,
  maximum: number,
): VariableListCheck | undefined {
  let argumentOf: ReadonlyMap<string, string> | undefined
  const checks = (operation.variableDefinitions ?? []).flatMap((definition) => {
    // graphql-js declares one overload per kind of type node, and none for their union.
    const type = typeFromAST(schema, definition.type as Parameters<typeof typeFromAST>[1])
    const name = definition.variable.name.value
    if (!isInputType(type) || !mayHoldList(type, new Set())) return []
    argumentOf ??= argumentsOfVariables(operation, fragments)
    return [{ name, type, argument: argumentOf.get(name) ?? `$${name}` }]
  })
  if (checks.length === 0) return undefined
  return (variables) => {
    for (const { name, type, argument } of checks) checkLists(variables[name], type, argument, maximum)
  }
}

/** Throws LIST_TOO_LONG if the value of an argument holds a list that is too long. */
export function checkLists(value: unknown, type: GraphQLInputType, argument: string, maximum: number): void {
  const nullable = getNullableType(type)
  if (isListType(nullable) && Array.isArray(value)) {
    if (value.length > maximum) throw tooLong(argument, value.length, maximum)
    if (!mayHoldList(nullable.ofType, new Set())) return
    for (const item of value) checkLists(item, nullable.ofType, argument, maximum)
  } else if (isInputObjectType(nullable) && typeof value === 'object' && value !== null) {
    const fields = nullable.getFields()
    for (const [name, member] of Object.entries(value)) {
      const field = fields[name]
      if (field) checkLists(member, field.type, `${argument}.${name}`, maximum)
    }
  } else if (isListType(nullable)) {
    // A single value where a list is expected is coerced to a list of one.
    checkLists(value, nullable.ofType, argument, maximum)
  }
}

function mayHoldList(type: GraphQLInputType, seen: Set<GraphQLInputType>): boolean {
  const nullable = getNullableType(type)
  if (isListType(nullable)) return true
  if (!isInputObjectType(nullable) || seen.has(nullable)) return false
  seen.add(nullable)
  return Object.values(nullable.getFields()).some((field) => mayHoldList(field.type, seen))
}

/** By variable, the first argument that uses it: the name that the client's author knows. */
function argumentsOfVariables(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const definition of [operation, ...fragments.values()]) {
    visit(definition, {
      Argument(node) {
        visit(node.value, {
          Variable({ name }) {
            if (!names.has(name.value)) names.set(name.value, node.name.value)
          },
        })
      },
    })
  }
  return names
}

function tooLong(argument: string, length: number, maximum: number): PresageError {
  return new PresageError(
    'LIST_TOO_LONG',
    `${argument}: a list may have at most ${maximum} entries, got ${length}`,
    { argument, length, maximum },
  )
}
