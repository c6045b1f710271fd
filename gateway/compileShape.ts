import {
  type GraphQLAbstractType,
  type GraphQLCompositeType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
} from 'graphql'
import { type CollectedField, collectFields, type SelectionSource, type ShapeContext } from './collectFields'
import { type Guard, holds } from './guard'
import { jsonText } from './jsonText'
import { compileObjectText } from './objectText'
import type { Variables } from './planRun'
import { isResponseObject, type Path, type ResponseObject } from './responseData'

/**
 * Completes a value of the merged data into the JSON that the client sees; null is null. Yields `undefined` where null is
 * not allowed, which makes what stands above null.
 */
export type Completer = (value: unknown, run: ShapeRun, depth: number) => string | null | undefined

/** One completion of a response. */
export class ShapeRun {
  /** The place of the value at work; entries from the current depth on are left over from others. */
  readonly path: (string | number)[] = []
  readonly violations: Violation[] = []

  constructor(readonly variables: Variables) {}
}

/** A null where the public schema allows none. */
export interface Violation {
  readonly path: Path
  /** `Type.field` */
  readonly coordinate: string
}

/** Compiles what is selected on one composite type. Types of abstract values are compiled when they first occur. */
export function compileComposite(
  type: GraphQLCompositeType,
  selections: readonly SelectionSource[],
  context: ShapeContext,
): Completer {
  return isAbstractType(type)
    ? compileAbstract(type, selections, context)
    : compileObject(type, selections, context)
}

interface ShapedField {
  readonly key: string
  /** What stands before its value: as the first field of an object, and after another one. */
  readonly opening: string
  readonly next: string
  readonly guards: readonly Guard[] | undefined
  readonly complete: Completer
  readonly isScalar: boolean
}

function compileObject(
  type: GraphQLObjectType | GraphQLInterfaceType,
  selections: readonly SelectionSource[],
  context: ShapeContext,
): Completer {
  let complete: Completer | undefined
  return (value, run, depth) => {
    if (!isResponseObject(value)) return null
    // Not before it is needed: types may nest in each other for ever, selections do not.
    complete ??= compileFields(
      collectFields(type, selections, context).flatMap((field) => compileField(type, field, context)),
    )
    return complete(value, run, depth)
  }
}

function compileFields(fields: readonly ShapedField[]): Completer {
  const isWhole = fields.every(({ guards }) => guards === undefined)
  return (isWhole ? compileObjectText(fields) : undefined) ?? fieldByField(fields)
}

function fieldByField(fields: readonly ShapedField[]): Completer {
  return (value, run, depth) => {
    let text = ''
    for (let i = 0; i < fields.length; i++) {
      const { key, opening, next, guards, complete } = fields[i]
      if (guards !== undefined && !guards.some((guard) => holds(guard, run.variables))) continue
      run.path[depth] = key
      const completed = complete((value as ResponseObject)[key], run, depth + 1)
      if (completed === undefined) return null
      text += text.length === 0 ? opening : next
      text += completed ?? 'null'
    }
    return text.length === 0 ? '{}' : `${text}}`
  }
}

function compileAbstract(
  type: GraphQLAbstractType,
  selections: readonly SelectionSource[],
  context: ShapeContext,
): Completer {
  const byName = new Map<string, Completer>()
  const typenameKeys = findTypenameKeys(type, selections, context)
  return (value, run, depth) => {
    if (!isResponseObject(value)) return null
    const name = runtimeTypeName(value, typenameKeys) ?? type.name
    let complete = byName.get(name)
    if (complete === undefined) {
      complete = compileRuntimeType(type, name, selections, context)
      byName.set(name, complete)
    }
    return complete(value, run, depth)
  }
}

/** An object of a type that the public schema lacks is null to clients. */
function compileRuntimeType(
  type: GraphQLAbstractType,
  name: string,
  selections: readonly SelectionSource[],
  context: ShapeContext,
): Completer {
  const runtimeType = context.schema.getType(name)
  if (isObjectType(runtimeType) && context.schema.isSubType(type, runtimeType)) {
    return compileObject(runtimeType, selections, context)
  }
  // A subgraph that knows the interface as an object answers with the interface's name, and where nothing depends on
  // the type the plan did not ask for it: then what is selected on the interface itself is all that can be shown.
  if (isInterfaceType(runtimeType)) return compileObject(runtimeType, selections, context)
  return () => null
}

function runtimeTypeName(value: ResponseObject, typenameKeys: readonly string[]): string | undefined {
  for (const key of typenameKeys) {
    const name = value[key]
    if (typeof name === 'string') return name
  }
  return undefined
}

/** Where the data may hold the type's name: under `__typename` or an alias of it. */
function findTypenameKeys(
  type: GraphQLAbstractType,
  selections: readonly SelectionSource[],
  context: ShapeContext,
): readonly string[] {
  const aliases = collectFields(type, selections, context).filter(({ name }) => name === '__typename')
  return ['__typename', ...aliases.map(({ responseKey }) => responseKey)]
}

function compileField(
  parent: GraphQLObjectType | GraphQLInterfaceType,
  field: CollectedField,
  context: ShapeContext,
): ShapedField[] {
  const complete = compileFieldValue(parent, field, context)
  if (complete === undefined) return []
  const key = field.responseKey
  const isUnconditional = field.guards.some((guard) => guard.length === 0)
  return [
    {
      key,
      opening: `{${JSON.stringify(key)}:`,
      next: `,${JSON.stringify(key)}:`,
      guards: isUnconditional ? undefined : field.guards,
      complete,
      isScalar: isScalarField(parent, field.name),
    },
  ]
}

function isScalarField(parent: GraphQLObjectType | GraphQLInterfaceType, name: string): boolean {
  const definition = parent.getFields()[name]
  return definition !== undefined && isScalarType(getNullableType(definition.type))
}

function compileFieldValue(
  parent: GraphQLObjectType | GraphQLInterfaceType,
  field: CollectedField,
  context: ShapeContext,
): Completer | undefined {
  if (field.name === '__typename') {
    const name = JSON.stringify(parent.name)
    return isObjectType(parent) ? () => name : (value) => jsonText(value) ?? name
  }
  // Introspection is answered by graphql-js, and whole.
  if (field.name.startsWith('__')) return jsonText
  const definition = parent.getFields()[field.name]
  if (definition === undefined) return undefined
  return compileOutput(definition.type, `${parent.name}.${field.name}`, field.selections, context)
}

function compileOutput(
  type: GraphQLOutputType,
  coordinate: string,
  selections: readonly SelectionSource[],
  context: ShapeContext,
): Completer {
  if (isNonNullType(type)) {
    return nonNull(compileOutput(type.ofType, coordinate, selections, context), coordinate)
  }
  if (isListType(type)) {
    return listOf(compileOutput(type.ofType, coordinate, selections, context))
  }
  if (isEnumType(type)) {
    const texts = new Map<unknown, string>(type.getValues().map(({ name }) => [name, JSON.stringify(name)]))
    return (value) => texts.get(value) ?? null
  }
  if (isLeafType(type)) return jsonText
  return compileComposite(type, selections, context)
}

function nonNull(inner: Completer, coordinate: string): Completer {
  return (value, run, depth) => {
    const violations = run.violations.length
    const completed = inner(value, run, depth)
    if (completed !== null && completed !== undefined) return completed
    // If it is null for what stands below, that is on record already.
    if (run.violations.length === violations) {
      run.violations.push({ path: run.path.slice(0, depth), coordinate })
    }
    return undefined
  }
}

function listOf(item: Completer): Completer {
  if (item === jsonText) return (value) => (Array.isArray(value) ? jsonText(value) : null)
  return (value, run, depth) => {
    if (!Array.isArray(value)) return null
    let text = ''
    for (let i = 0; i < value.length; i++) {
      run.path[depth] = i
      const completed = item(value[i], run, depth + 1)
      if (completed === undefined) return null
      text += i === 0 ? '[' : ','
      text += completed ?? 'null'
    }
    return text.length === 0 ? '[]' : `${text}]`
  }
}
