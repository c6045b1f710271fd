import {
  type GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
} from 'graphql'
import { quickVariables } from '../graphql/quickVariables'

type Values = Readonly<Record<string, unknown>>

/** The coerced variables, or the errors in them. */
export type Coerced =
  | { readonly coerced: Values; readonly errors?: undefined }
  | { readonly coerced?: undefined; readonly errors: readonly GraphQLError[] }

/** Compiles the coercion of an operation's variables. */
export function compileVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
): (variables: Values) => Coerced {
  const quick = quickVariables(operation)
  const { variableDefinitions = [] } = operation
  return (variables) => {
    const coerced = quick(variables)
    return coerced !== undefined
      ? { coerced }
      : getVariableValues(schema, variableDefinitions, variables, { maxErrors: 50 })
  }
}
