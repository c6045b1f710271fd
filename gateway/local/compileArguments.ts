import { type FieldNode, type GraphQLField, isNonNullType, Kind, type ValueNode, valueFromAST } from 'graphql'
import type { Variables } from '../planRun'

/** A field's arguments for one run; undefined where graphql-js must make them, or say what is wrong. */
export type QuickArguments = (variables: Variables) => Record<string, unknown> | undefined

/**
 * Compiles arguments that are literals or variables, as nearly all are. Undefined where one of them is an object or list with
 * variables in it, or is not what its type takes.
 */
export function compileArguments(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): QuickArguments | undefined {
  const fixed: Record<string, unknown> = {}
  const fromVariables: VariableArgument[] = []
  for (const { name, type, defaultValue } of field.args) {
    const given = node.arguments?.find((argument) => argument.name.value === name)?.value
    if (given?.kind === Kind.VARIABLE) {
      const isNullable = !isNonNullType(type)
      fromVariables.push({ name, variable: given.name.value, isNullable, defaultValue })
    } else if (given !== undefined) {
      const value = holdsVariable(given) ? undefined : valueFromAST(given, type)
      if (value === undefined) return undefined
      fixed[name] = value
    } else if (defaultValue !== undefined) {
      fixed[name] = defaultValue
    } else if (isNonNullType(type)) {
      return undefined
    }
  }
  if (fromVariables.length === 0) return () => fixed
  return (variables) => {
    const args = { ...fixed }
    for (const { name, variable, isNullable, defaultValue } of fromVariables) {
      const isThere = Object.hasOwn(variables, variable)
      const value = isThere ? variables[variable] : defaultValue
      if (value === undefined && isNullable) continue
      if (value === undefined || (value === null && !isNullable)) return undefined
      args[name] = value
    }
    return args
  }
}

interface VariableArgument {
  readonly name: string
  readonly variable: string
  readonly isNullable: boolean
  readonly defaultValue: unknown
}

function holdsVariable(value: ValueNode): boolean {
  switch (value.kind) {
    case Kind.VARIABLE:
      return true
    case Kind.LIST:
      return value.values.some(holdsVariable)
    case Kind.OBJECT:
      return value.fields.some((field) => holdsVariable(field.value))
    default:
      return false
  }
}
