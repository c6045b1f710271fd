import {
  type GraphQLOutputType,
  getNullableType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isScalarType,
} from 'graphql'
import type { Place, Shape, ShownField } from '../../federation/operations/normalOperation'
import { memoized } from '../../lib/memoized'
import { jsonText } from '../graphql/jsonText'
import { isResponseObject, type ResponseObject } from '../graphql/responseData'
import { compileObjectText, type Serializer, type TextField, tooLong } from './serialization'

/** Compiles the selection at a place. Its types are compiled when they first occur. */
export function compilePlace(place: Place): Serializer {
  const [only] = place.shapes.values()
  if (only === undefined) return () => null
  return place.needsTypename ? byTypename(place) : compileShape(only)
}

/** Clients see null for an object whose type the public schema lacks. */
function byTypename({ shapes }: Place): Serializer {
  const byName = memoized((name: unknown) => {
    const shape = shapes.get(name as string)
    return shape && compileShape(shape)
  })
  return (value, serialization, depth) => {
    const serialize = isResponseObject(value) ? byName(value.__typename) : undefined
    return serialize === undefined ? null : serialize(value, serialization, depth)
  }
}

function compileShape({ type, shown, failure }: Shape): Serializer {
  if (failure !== undefined) {
    return (value, serialization, depth) => {
      if (isResponseObject(value))
        serialization.violations.push({ path: serialization.path.slice(0, depth), ...failure })
      return null
    }
  }
  let serialize: Serializer | undefined
  return (value, serialization, depth) => {
    if (!isResponseObject(value)) return null
    // Compiled on first use: of many possible types, few occur.
    serialize ??= compileFields(shown.map((field) => textField(type.name, field)))
    return serialize(value, serialization, depth)
  }
}

function compileFields(fields: readonly TextField[]): Serializer {
  return compileObjectText(fields) ?? fieldByField(fields)
}

function fieldByField(fields: readonly TextField[]): Serializer {
  const heads = fields.map(({ responseKey }, i) => `${i === 0 ? '{' : ','}${JSON.stringify(responseKey)}:`)
  return (value, serialization, depth) => {
    serialization.values += fields.length
    let text = ''
    for (let i = 0; i < fields.length; i++) {
      const { key, serialize } = fields[i]
      serialization.path[depth] = key
      const json = serialize((value as ResponseObject)[key], serialization, depth + 1)
      if (json === undefined) return null
      text += heads[i]
      text += json ?? 'null'
    }
    return text.length === 0 ? '{}' : `${text}}`
  }
}

export function textField(parent: string, field: ShownField): TextField {
  const { responseKey } = field
  if (field.key === undefined) {
    const name = JSON.stringify(parent)
    return { responseKey, key: '__typename', serialize: () => name, isScalar: false }
  }
  return {
    responseKey,
    key: field.key,
    serialize: compileOutput(field.type, `${parent}.${field.name}`, field.place),
    isScalar: isScalarType(getNullableType(field.type)),
  }
}

/** Compiles the serializer for a type of the public schema; `coordinate` names the field. */
export function compileOutput(
  type: GraphQLOutputType,
  coordinate: string,
  place: Place | undefined,
): Serializer {
  if (isNonNullType(type)) return nonNull(compileOutput(type.ofType, coordinate, place), coordinate)
  if (isListType(type)) return listOf(compileOutput(type.ofType, coordinate, place))
  if (isEnumType(type)) {
    const texts = new Map<unknown, string>(type.getValues().map(({ name }) => [name, JSON.stringify(name)]))
    return (value) => texts.get(value) ?? null
  }
  return isLeafType(type) ? jsonText : compilePlace(place!)
}

function nonNull(inner: Serializer, coordinate: string): Serializer {
  return (value, serialization, depth) => {
    const before = serialization.violations.length
    const json = inner(value, serialization, depth)
    if (json !== null && json !== undefined) return json
    serialization.addNullViolation(before, depth, coordinate)
    return undefined
  }
}

function listOf(item: Serializer): Serializer {
  if (item === jsonText) {
    return (value, serialization) => {
      if (!Array.isArray(value)) return null
      serialization.values += value.length
      return jsonText(value)
    }
  }
  return (value, serialization, depth) => {
    if (!Array.isArray(value)) return null
    serialization.values += value.length
    let text = ''
    for (let i = 0; i < value.length; i++) {
      if (serialization.values > serialization.mostValues) throw tooLong
      serialization.path[depth] = i
      const json = item(value[i], serialization, depth + 1)
      if (json === undefined) return null
      text += i === 0 ? '[' : ','
      text += json ?? 'null'
    }
    return text.length === 0 ? '[]' : `${text}]`
  }
}
