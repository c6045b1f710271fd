import {
  type GraphQLEnumType,
  type GraphQLOutputType,
  getNullableType,
  isEnumType,
  isListType,
  isObjectType,
} from 'graphql'
import type { ValueType } from '../../models/types/valueType'

/**
 * A subgraph's resolvers may map the names of an enum to internal values. Models and clients only know the names, so
 * values are converted to names on the way to a model, and back. Usually names and values are the same; then the
 * conversion is undefined.
 */
type Turn = (value: unknown) => unknown

/** Converts an enum's values to names. */
export function namesOfValues(type: GraphQLEnumType): Turn | undefined {
  if (!hasOwnValues(type)) return undefined
  const names = new Map(type.getValues().map(({ name, value }) => [value, name]))
  return (value) => names.get(value) ?? value
}

/** Converts the names within an output's value, for a field of the declared type, to values. */
export function valuesOfNames(output: ValueType, declared: GraphQLOutputType): Turn | undefined {
  const type = getNullableType(declared)
  switch (output.kind) {
    case 'enum':
      return isEnumType(type) && hasOwnValues(type) ? (name) => type.getValue(String(name))?.value : undefined
    case 'list': {
      const item = isListType(type) ? valuesOfNames(output.of, type.ofType) : undefined
      return item && ((list) => (list as readonly unknown[]).map(item))
    }
    case 'record': {
      if (!isObjectType(type)) return undefined
      const fields = Object.values(type.getFields()).flatMap((field) => {
        const turn = Object.hasOwn(output.fields, field.name)
          ? valuesOfNames(output.fields[field.name], field.type)
          : undefined
        return turn === undefined ? [] : [[field.name, turn] as const]
      })
      return fields.length === 0 ? undefined : (record) => turnFields(record as object, fields)
    }
    default:
      return undefined
  }
}

function hasOwnValues(type: GraphQLEnumType): boolean {
  return type.getValues().some(({ name, value }) => name !== value)
}

function turnFields(record: object, fields: readonly (readonly [string, Turn])[]): object {
  const turned: Record<string, unknown> = { ...record }
  for (const [name, turn] of fields) turned[name] = turn(turned[name])
  return turned
}
