import {
  GraphQLBoolean,
  type GraphQLError,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLNamedType,
  type GraphQLSchema,
  GraphQLString,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  type TypeNode,
} from 'graphql'

type Values = Readonly<Record<string, unknown>>

export type Coerced =
  | { readonly coerced: Values; readonly errors?: undefined }
  | { readonly coerced?: undefined; readonly errors: readonly GraphQLError[] }

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

/**
 * Compiles a check for variables that graphql-js would leave unchanged: built-in scalars and lists of them in their
 * final form, as nearly all are. It returns the values, or undefined if graphql-js has to coerce them or report an
 * error.
 */
export function quickVariables({
  variableDefinitions = [],
}: OperationDefinitionNode): (variables: Values) => Values | undefined {
  const checks: { readonly name: string; readonly isFinal: FinalCheck; readonly mayBeAbsent: boolean }[] = []
  for (const { type, variable, defaultValue } of variableDefinitions) {
    const isFinal = compileCheck(type)
    if (isFinal === undefined) return () => undefined
    const mayBeAbsent = type.kind !== Kind.NON_NULL_TYPE && defaultValue === undefined
    checks.push({ name: variable.name.value, isFinal, mayBeAbsent })
  }
  return (variables) => {
    const values: Record<string, unknown> = Object.create(null)
    for (const { name, isFinal, mayBeAbsent } of checks) {
      const value = Object.hasOwn(variables, name) ? variables[name] : undefined
      if (value === undefined && mayBeAbsent) continue
      if (!isFinal(value)) return undefined
      values[name] = value
    }
    return values
  }
}

/** Undefined for types whose values need coercion: enums, input objects, custom scalars. */
function compileCheck(type: TypeNode): FinalCheck | undefined {
  switch (type.kind) {
    case Kind.NON_NULL_TYPE: {
      const check = compileCheck(type.type)
      return check && ((value) => value !== null && check(value))
    }
    case Kind.LIST_TYPE: {
      const check = compileCheck(type.type)
      return check && ((value) => value === null || (Array.isArray(value) && value.every(check)))
    }
    default: {
      const check = scalarChecks.get(type.name.value)
      return check && ((value) => value === null || check(value))
    }
  }
}

/** Whether a scalar leaves a value unchanged, as the input of a variable and as the output of a field. */
type FinalCheck = (value: unknown) => boolean

/** For the built-in scalars of the specification. `plainCondition` has the same as code. */
export const finalScalars: ReadonlyMap<GraphQLNamedType, FinalCheck> = new Map<GraphQLNamedType, FinalCheck>([
  [GraphQLID, isText],
  [GraphQLString, isText],
  [GraphQLInt, (value) => typeof value === 'number' && (value | 0) === value],
  [GraphQLFloat, (value) => typeof value === 'number' && Number.isFinite(value)],
  [GraphQLBoolean, (value) => typeof value === 'boolean'],
])

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

const scalarChecks = new Map<string, FinalCheck>([
  ...[...finalScalars].map(([{ name }, isFinal]) => [name, isFinal] as const),
  // The representations of federation, which every subgraph reads as they are.
  ['_Any', (value) => typeof value === 'object'],
])
