import {
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  getArgumentValues,
  isNonNullType,
  Kind,
  valueFromAST,
} from 'graphql'
import { holdsVariable } from '../operations/documentShape'
import type { Variables } from '../run/planRun'

/** A field's arguments for one run; undefined if graphql-js has to make them or report an error. */
export type QuickArguments = (variables: Variables) => Record<string, unknown> | undefined

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
  variables: Variables,
): Record<string, unknown> {
  try {
    return getArgumentValues(field, node, variables)
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const { message, nodes } = error
    throw new GraphQLError(message, { nodes, extensions: { code: 'BAD_USER_INPUT' } })
  }
}
