import {
  type FieldNode,
  GraphQLBoolean,
  GraphQLError,
  type GraphQLField,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLNamedType,
  type GraphQLSchema,
  GraphQLString,
  type GraphQLType,
  getArgumentValues,
  getNullableType,
  getVariableValues,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  type TypeNode,
  typeFromAST,
  type VariableDefinitionNode,
  valueFromAST,
} from 'graphql'
import { isMap } from '../../lib/isMap'
import { memoizedWeakly } from '../../lib/memoized'
import { holdsVariable } from './documentShape'

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
  const given = hasInheritedNames(schema)
    ? bareVariables(schema, variableDefinitions)
    : (variables: Values) => variables
  return (variables) => {
    const coerced = quick(variables)
    return coerced !== undefined
      ? { coerced }
      : getVariableValues(schema, variableDefinitions, given(variables), { maxErrors: 50 })
  }
}

/** Whether a field of an input object is named as what every object inherits, such as `constructor`. */
const hasInheritedNames = memoizedWeakly((schema: GraphQLSchema): boolean =>
  Object.values(schema.getTypeMap()).some(
    (type) => isInputObjectType(type) && Object.keys(type.getFields()).some((name) => name in {}),
  ),
)

/** The variables with input objects that inherit nothing: graphql-js would take that for a field that was left out. */
function bareVariables(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
): (variables: Values) => Values {
  const types = new Map(
    // graphql-js declares one overload per kind of type node, and none for their union.
    definitions.map(({ type, variable }) => [
      variable.name.value,
      typeFromAST(schema, type as Parameters<typeof typeFromAST>[1]),
    ]),
  )
  return (variables) =>
    Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, bare(value, types.get(name))]))
}

function bare(value: unknown, declared: GraphQLType | undefined): unknown {
  const type = getNullableType(declared)
  if (isListType(type))
    return Array.isArray(value) ? value.map((item) => bare(item, type.ofType)) : bare(value, type.ofType)
  if (!isInputObjectType(type) || !isMap(value)) return value
  const fields = type.getFields()
  const members = Object.entries(value).map(([name, member]) => [name, bare(member, fields[name]?.type)])
  return Object.assign(Object.create(null), Object.fromEntries(members))
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

/** A field's arguments for one run; undefined if graphql-js has to make them or report an error. */
export type QuickArguments = (variables: Values) => Record<string, unknown> | undefined

/**
 * Compiles arguments that are literals or variables, as nearly all are. Undefined if an argument is an object or list
 * that contains variables, or does not fit its type.
 */
export function compileArguments(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): QuickArguments | undefined {
  const fixed: Record<string, unknown> = {}
  const all: GivenArgument[] = []
  let isFixed = true
  for (const { name, type, defaultValue } of field.args) {
    const given = node.arguments?.find((argument) => argument.name.value === name)?.value
    if (given?.kind === Kind.VARIABLE) {
      isFixed = false
      all.push({ name, variable: given.name.value, isNullable: !isNonNullType(type), value: defaultValue })
      continue
    }
    let value = defaultValue
    if (given !== undefined) {
      value = holdsVariable(given) ? undefined : valueFromAST(given, type)
      if (value === undefined) return undefined
    } else if (value === undefined) {
      if (isNonNullType(type)) return undefined
      continue
    }
    fixed[name] = value
    all.push({ name, variable: undefined, isNullable: true, value })
  }
  if (isFixed) return () => fixed
  return (variables) => {
    const args: Record<string, unknown> = {}
    for (const { name, variable, isNullable, value: fixedOrDefault } of all) {
      const isGiven = variable !== undefined && Object.hasOwn(variables, variable)
      const value = isGiven ? variables[variable] : fixedOrDefault
      if (value === undefined && isNullable) continue
      if (value === undefined || (value === null && !isNullable)) return undefined
      args[name] = value
    }
    return args
  }
}

/** In the order of the field's definition, in which resolvers get them. */
interface GivenArgument {
  readonly name: string
  /** Undefined if the value is fixed. */
  readonly variable: string | undefined
  readonly isNullable: boolean
  /** The fixed value, or the default for a variable that is left out. */
  readonly value: unknown
}

/**
 * A field's arguments as graphql-js makes them. Rethrows its error with BAD_USER_INPUT: a variable with a default can
 * give null to a non-null argument of a valid document, and then the client sent the wrong value.
 */
export function argumentValues(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Values,
): Record<string, unknown> {
  try {
    return getArgumentValues(field, node, variables)
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const { message, nodes } = error
    throw new GraphQLError(message, { nodes, extensions: { code: 'BAD_USER_INPUT' } })
  }
}
