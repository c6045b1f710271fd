import {
  type ASTNode,
  type GraphQLOutputType,
  type GraphQLScalarType,
  getNullableType,
  isEnumType,
  isListType,
  isNonNullType,
  isScalarType,
} from 'graphql'
import type { Place, Shape, ShownField } from '../../federation/operations/normalOperation'
import type { PresageError } from '../../lib/errors'
import { generateFunction, maxGenerated } from '../../lib/execution/generatedCode'
import { areFlags, areNumbers, areTexts } from '../../lib/execution/itemKinds'
import { memoized } from '../../lib/memoized'
import { isResponseObject, type Path, type ResponseObject } from '../graphql/responseData'
import { isStackOverflow } from '../graphql/tooDeep'
import { valueMisshaped, valueTooDeep } from '../graphql/upstreamErrors'

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
    if (!isResponseObject(value)) return serialization.misshaped(value, 'an object', depth)
    const serialize = byName(value.__typename)
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
    if (!isResponseObject(value)) return serialization.misshaped(value, 'an object', depth)
    // Compiled on first use: of many possible types, few occur.
    if (serialize === undefined) {
      const fields = shown.map((field) => textField(type.name, field))
      serialize = compileObjectText(fields) ?? fieldByField(fields)
    }
    return serialize(value, serialization, depth)
  }
}

/** A field of an object of the answer. */
interface TextField {
  /** The client's name for it. */
  readonly responseKey: string
  /** Its key in the merged data. */
  readonly key: string
  readonly serialize: Serializer
  /** Writes a scalar; `serialize` then only handles what this does not write. */
  readonly write: WriteScalar | undefined
}

/**
 * Compiles the JSON text of objects with these fields. Generated code is much faster here: V8 optimizes `object.name`,
 * but not `object[name]` at a site that sees many names. Undefined if no code can be generated.
 */
function compileObjectText(fields: readonly TextField[]): Serializer | undefined {
  if (fields.length === 0) return () => '{}'
  if (fields.length > maxGenerated) return undefined
  const lines = fields.map(({ responseKey, key, write }, at) => {
    const complete = `serialization.path[depth] = '${key}'
      part = serialize${at}(value.${key}, serialization, depth + 1)
      if (part === undefined) return null`
    const scalar = `part = write${at}(value.${key})
      if (part === null) {
      ${complete}
      }`
    const head = `${at === 0 ? '{' : ','}"${responseKey}":`
    const [end, close] = at === fields.length - 1 ? ['}', " + '}'"] : ['', '']
    return `${write === undefined ? complete : scalar}
      text ${at === 0 ? '=' : '+='} part === null ? '${head}null${end}' : '${head}' + part${close}`
  })
  const body = `return function objectText(value, serialization, depth) {
      serialization.values += ${fields.length}
      let text
      let part
      ${lines.join('\n      ')}
      return text
    }`
  const values = fields.flatMap(({ serialize, write }, at) => [
    [`serialize${at}`, serialize],
    [`write${at}`, write],
  ])
  return generateFunction<Serializer>(Object.fromEntries(values), body)
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
    return { responseKey, key: '__typename', serialize: () => name, write: undefined }
  }
  const type = getNullableType(field.type)
  return {
    responseKey,
    key: field.key,
    serialize: compileOutput(field.type, `${parent}.${field.name}`, field.place),
    write: isScalarType(type) ? scalarOf(type).write : undefined,
  }
}

/** Compiles the serializer for a type of the public schema; `coordinate` names the field. */
export function compileOutput(
  type: GraphQLOutputType,
  coordinate: string,
  place: Place | undefined,
): Serializer {
  if (isNonNullType(type)) return nonNull(compileOutput(type.ofType, coordinate, place), coordinate)
  if (isListType(type)) return compileList(type.ofType, coordinate, place)
  if (isEnumType(type)) {
    const texts = new Map<unknown, string>(type.getValues().map(({ name }) => [name, JSON.stringify(name)]))
    return (value, serialization, depth) => {
      const text = texts.get(value)
      if (text !== undefined) return text
      // It may be a value that the public schema lacks.
      if (typeof value === 'string') return null
      return serialization.misshaped(value, `of type ${type.name}`, depth)
    }
  }
  return isScalarType(type) ? compileScalar(type) : compilePlace(place!)
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

function compileList(type: GraphQLOutputType, coordinate: string, place: Place | undefined): Serializer {
  const eachItem = listOf(compileOutput(type, coordinate, place))
  if (!isScalarType(type)) return eachItem
  const { areAll } = scalarOf(type)
  if (areAll === undefined) return eachItem
  return (value, serialization, depth) => {
    if (!Array.isArray(value) || !areAll(value)) return eachItem(value, serialization, depth)
    serialization.values += value.length
    if (typeof value[0] === 'string') serialization.characters += charactersOf(value)
    serialization.checkLength()
    return JSON.stringify(value)
  }
}

function charactersOf(texts: readonly string[]): number {
  let characters = 0
  for (let at = 0; at < texts.length; at++) characters += texts[at].length
  return characters
}

function listOf(item: Serializer): Serializer {
  return (value, serialization, depth) => {
    if (!Array.isArray(value)) return serialization.misshaped(value, 'a list', depth)
    serialization.values += value.length
    const before = serialization.characters
    let text = ''
    for (let i = 0; i < value.length; i++) {
      serialization.checkLength()
      serialization.path[depth] = i
      const json = item(value[i], serialization, depth + 1)
      if (json === undefined) return null
      text += i === 0 ? '[' : ','
      text += json ?? 'null'
      serialization.characters = before + text.length
    }
    return text.length === 0 ? '[]' : `${text}]`
  }
}

function compileScalar(type: GraphQLScalarType): Serializer {
  const { write } = scalarOf(type)
  if (write !== jsonText) {
    return (value, serialization, depth) =>
      write(value) ?? serialization.misshaped(value, `of type ${type.name}`, depth)
  }
  return (value, serialization, depth) => {
    const text = jsonText(value)
    return text === null && typeof value === 'object' && value !== null
      ? serialization.fail(valueTooDeep(), depth)
      : text
  }
}

/** A scalar as JSON; null for null, and for what the type does not have. */
type WriteScalar = (value: unknown) => string | null

interface Scalar {
  readonly write: WriteScalar
  /** Undefined if values may be anything. */
  readonly areAll?: AreAll
}

/** Whether all items of a list are of a type, and none is null. */
export type AreAll = (items: readonly unknown[]) => boolean

export function scalarOf({ name }: GraphQLScalarType): Scalar {
  return scalars.get(name) ?? anyScalar
}

/** A custom scalar may be anything. */
const anyScalar: Scalar = { write: jsonText }
const number: Scalar = {
  write: (value) => (typeof value === 'number' ? numberText(value) : null),
  areAll: areNumbers,
}
/** Those of the specification. */
const scalars: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ['Int', number],
  ['Float', number],
  [
    'Boolean',
    {
      write: (value) => (value === true ? 'true' : value === false ? 'false' : null),
      areAll: areFlags,
    },
  ],
  ['String', { write: (value) => (typeof value === 'string' ? stringText(value) : null), areAll: areTexts }],
  [
    'ID',
    {
      // Some servers write numbers.
      write: (value) => (typeof value === 'string' || typeof value === 'number' ? jsonText(value) : null),
      areAll: areTexts,
    },
  ],
])

/**
 * Completes a value of the merged data and returns it as JSON for the client. Returns null for null, and undefined if
 * null is not allowed, so that the parent becomes null.
 */
export type Serializer = (
  value: unknown,
  serialization: Serialization,
  depth: number,
) => string | null | undefined

/** The state of writing one answer. */
export class Serialization {
  /**
   * The path of the current value, in keys of the merged data. Entries from the current depth on are left over from
   * other values.
   */
  readonly path: (string | number)[] = []
  readonly violations: NullViolation[] = []
  /** Fields of objects and items of lists so far. */
  values = 0
  /** The approximate length of the lists so far. */
  characters = 0

  /** Lists throw `tooLong` once there are more than `mostValues` values or `mostCharacters` characters in them. */
  constructor(
    public mostValues = Number.POSITIVE_INFINITY,
    public mostCharacters = Number.POSITIVE_INFINITY,
  ) {}

  checkLength(): void {
    if (this.values > this.mostValues || this.characters > this.mostCharacters) throw tooLong
  }

  /** Records a null that is not allowed, unless a violation below it was recorded since there were `before` of them. */
  addNullViolation(before: number, depth: number, coordinate: string): void {
    const { path, violations } = this
    if (violations.length !== before) return
    violations.push({
      path: path.slice(0, depth),
      message: `Cannot return null for non-nullable field ${coordinate}.`,
    })
  }

  /** Records why a value cannot be written. Returns null, which is written instead. */
  fail(error: PresageError, depth: number): null {
    this.violations.push({ path: this.path.slice(0, depth), message: error.message, error })
    return null
  }

  /** Fails a value that has another shape than its type. Null has any, and so has what is not there. */
  misshaped(value: unknown, expected: string, depth: number): null {
    // A function is what an inherited key such as `toString` yields.
    if (value === null || value === undefined || typeof value === 'function') return null
    return this.fail(valueMisshaped(expected, value), depth)
  }
}

/** Thrown if an answer is too long to be written in one go. */
export const tooLong = new Error('too long to be written at once')

/** A null that the public schema does not allow, an object whose condition is null, or a value that cannot be written. */
export interface NullViolation {
  /** In keys of the merged data. */
  readonly path: Path
  readonly message: string
  /** The nodes at fault if they are not the field at the path: a condition that is null. */
  readonly nodes?: readonly ASTNode[]
  /** Why the value cannot be written. */
  readonly error?: PresageError
}

/**
 * A scalar as JSON, equal to `JSON.stringify`. Null for null and for values without JSON: a function, for instance, is
 * what an inherited key such as `toString` yields. Null too for what nests too deep. Throws a TypeError for a bigint.
 */
export function jsonText(value: unknown): string | null {
  // A chain of `typeof` comparisons is fast in V8; a `switch` over `typeof` compares strings.
  if (typeof value === 'string') return stringText(value)
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (value === undefined || value === null || typeof value === 'function') return null
  try {
    return JSON.stringify(value) ?? null
  } catch (error) {
    if (isStackOverflow(error)) return null
    throw error
  }
}

/**
 * V8 caches the text of each number in a template literal. That helps with small integers, which recur; other numbers
 * would only fill the cache, so `JSON.stringify` is cheaper.
 */
function numberText(value: number): string {
  return (value | 0) === value ? `${value}` : JSON.stringify(value)
}

/** Above this length the loop below costs more than it saves. */
const maxLookedAt = 64

/** Most strings are short and need no escapes, only quotes around them. */
function stringText(value: string): string {
  if (value.length > maxLookedAt) return JSON.stringify(value)
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i)
    // Control characters, the quote, the backslash, and surrogates, which may be unpaired.
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || (unit >= 0xd800 && unit <= 0xdfff)) {
      return JSON.stringify(value)
    }
  }
  return `"${value}"`
}
