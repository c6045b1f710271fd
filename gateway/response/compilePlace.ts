import {
  type ASTNode,
  type GraphQLOutputType,
  getNullableType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isScalarType,
} from 'graphql'
import type { Place, Shape, ShownField } from '../../federation/operations/normalOperation'
import { isResponseObject, type Path, type ResponseObject } from '../graphql/responseData'
import { jsonText } from './jsonText'
import { compileObjectText, type TextField } from './objectText'

/**
 * Completes a value of the merged data into the JSON that the client sees; null is null. Yields `undefined` where null is
 * not allowed, which makes what stands above null.
 */
export type Completer = (value: unknown, completion: Completion, depth: number) => string | null | undefined

/** One completion of a response. */
export class Completion {
  /** The place of the value at work, in keys of the merged data; entries from the current depth on are left over from others. */
  readonly path: (string | number)[] = []
  readonly violations: Violation[] = []
  /** Fields of objects and items of lists so far. */
  values = 0

  /** A list throws `tooLong` where there are more values than `mostValues`. */
  constructor(readonly mostValues = Number.POSITIVE_INFINITY) {}
}

/** Thrown where a value is too long to be completed at once. */
export const tooLong = new Error('too long to be completed at once')

/** A null where the public schema allows none, or of an object whose condition is null. */
export interface Violation {
  /** In keys of the merged data. */
  readonly path: Path
  readonly message: string
  /** Where the document says so, if it is not the field at the path: a condition that is null. */
  readonly nodes?: readonly ASTNode[]
}

/** Compiles what is selected at a place. Its types are compiled when they first occur. */
export function compilePlace(place: Place): Completer {
  const [only] = place.shapes.values()
  if (only === undefined) return () => null
  return place.needsTypename ? byTypename(place) : compileShape(only)
}

/** An object of a type that the public schema lacks is null to clients. */
function byTypename({ shapes }: Place): Completer {
  const byName = new Map<unknown, Completer>()
  return (value, completion, depth) => {
    if (!isResponseObject(value)) return null
    const { __typename: name } = value
    let complete = byName.get(name)
    if (complete === undefined) {
      const shape = shapes.get(name as string)
      if (shape === undefined) return null
      complete = compileShape(shape)
      byName.set(name, complete)
    }
    return complete(value, completion, depth)
  }
}

function compileShape({ type, shown, failure }: Shape): Completer {
  if (failure !== undefined) {
    return (value, completion, depth) => {
      if (isResponseObject(value))
        completion.violations.push({ path: completion.path.slice(0, depth), ...failure })
      return null
    }
  }
  let complete: Completer | undefined
  return (value, completion, depth) => {
    if (!isResponseObject(value)) return null
    // Compiled when first needed: of many types that may stand here, few do.
    complete ??= compileFields(shown.map((field) => textField(type.name, field)))
    return complete(value, completion, depth)
  }
}

function compileFields(fields: readonly TextField[]): Completer {
  return compileObjectText(fields) ?? fieldByField(fields)
}

function fieldByField(fields: readonly TextField[]): Completer {
  return (value, completion, depth) => {
    completion.values += fields.length
    let text = ''
    for (const { responseKey, key, complete } of fields) {
      completion.path[depth] = key
      const completed = complete((value as ResponseObject)[key], completion, depth + 1)
      if (completed === undefined) return null
      text += `${text.length === 0 ? '{' : ','}${JSON.stringify(responseKey)}:${completed ?? 'null'}`
    }
    return text.length === 0 ? '{}' : `${text}}`
  }
}

export function textField(parent: string, field: ShownField): TextField {
  const { responseKey } = field
  if (field.key === undefined) {
    const name = JSON.stringify(parent)
    return { responseKey, key: '__typename', complete: () => name, isScalar: false }
  }
  return {
    responseKey,
    key: field.key,
    complete: compileOutput(field.type, `${parent}.${field.name}`, field.place),
    isScalar: isScalarType(getNullableType(field.type)),
  }
}

/** Completes what stands where the public schema has this type; `coordinate` names the field. */
export function compileOutput(
  type: GraphQLOutputType,
  coordinate: string,
  place: Place | undefined,
): Completer {
  if (isNonNullType(type)) return nonNull(compileOutput(type.ofType, coordinate, place), coordinate)
  if (isListType(type)) return listOf(compileOutput(type.ofType, coordinate, place))
  if (isEnumType(type)) {
    const texts = new Map<unknown, string>(type.getValues().map(({ name }) => [name, JSON.stringify(name)]))
    return (value) => texts.get(value) ?? null
  }
  return isLeafType(type) ? jsonText : compilePlace(place!)
}

function nonNull(inner: Completer, coordinate: string): Completer {
  return (value, completion, depth) => {
    const before = completion.violations.length
    const completed = inner(value, completion, depth)
    if (completed !== null && completed !== undefined) return completed
    addViolation(completion, before, depth, coordinate)
    return undefined
  }
}

/** Records a null that must not be one, unless it came from below and is recorded since there were so many `before`. */
export function addViolation(
  { path, violations }: Completion,
  before: number,
  depth: number,
  coordinate: string,
): void {
  if (violations.length !== before) return
  violations.push({
    path: path.slice(0, depth),
    message: `Cannot return null for non-nullable field ${coordinate}.`,
  })
}

function listOf(item: Completer): Completer {
  if (item === jsonText) {
    return (value, completion) => {
      if (!Array.isArray(value)) return null
      completion.values += value.length
      return jsonText(value)
    }
  }
  return (value, completion, depth) => {
    if (!Array.isArray(value)) return null
    completion.values += value.length
    let text = ''
    for (let i = 0; i < value.length; i++) {
      if (completion.values > completion.mostValues) throw tooLong
      completion.path[depth] = i
      const completed = item(value[i], completion, depth + 1)
      if (completed === undefined) return null
      text += i === 0 ? '[' : ','
      text += completed ?? 'null'
    }
    return text.length === 0 ? '[]' : `${text}]`
  }
}
