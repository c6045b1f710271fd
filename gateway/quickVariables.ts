import { Kind, type OperationDefinitionNode } from 'graphql'

type Values = Readonly<Record<string, unknown>>

/**
 * Compiles a check that tells variables which are what the specification would make of them: values of its own scalars
 * that are given in their final form, as nearly all are. It answers them, and undefined where graphql-js must coerce them, or
 * say what is wrong.
 */
export function quickVariables({
  variableDefinitions = [],
}: OperationDefinitionNode): (variables: Values) => Values | undefined {
  const checks: { readonly name: string; readonly isFinal: (value: unknown) => boolean }[] = []
  for (const { type, variable, defaultValue } of variableDefinitions) {
    const isRequired = type.kind === Kind.NON_NULL_TYPE
    const named = isRequired ? type.type : type
    const isFinal = named.kind === Kind.NAMED_TYPE ? finalChecks[named.name.value] : undefined
    if (isFinal === undefined) return () => undefined
    const mayBeAbsent = !isRequired && defaultValue === undefined
    checks.push({
      name: variable.name.value,
      isFinal: (value) =>
        isFinal(value) || (value === null && !isRequired) || (value === undefined && mayBeAbsent),
    })
  }
  return (variables) => {
    const values: Record<string, unknown> = Object.create(null)
    for (const { name, isFinal } of checks) {
      const value = Object.hasOwn(variables, name) ? variables[name] : undefined
      if (!isFinal(value)) return undefined
      if (value !== undefined) values[name] = value
    }
    return values
  }
}

const finalChecks: Readonly<Record<string, ((value: unknown) => boolean) | undefined>> = {
  __proto__: null as never,
  Int: (value) => typeof value === 'number' && (value | 0) === value,
  Float: (value) => typeof value === 'number' && Number.isFinite(value),
  String: (value) => typeof value === 'string',
  ID: (value) => typeof value === 'string',
  Boolean: (value) => typeof value === 'boolean',
}
