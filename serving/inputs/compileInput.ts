import {
  defaultFieldResolver,
  GraphQLFloat,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
} from 'graphql'
import { generateFunction } from '../../lib/execution/generatedCode'
import { plainChecks, plainCondition, plainTurn } from '../../lib/execution/plainValues'
import { unreachable } from '../../lib/invariant'
import { areFloat32, float32Lists } from '../../models/types/numberList'
import type { InputBinding, PredictionField } from '../../schema/fields/plan'
import { namesOfValues } from './enumValues'
import { hasReferenceResolver, readBrought } from './externalFields'
import { compileOwnField } from './ownField'
import type { FieldCall } from './subgraphContext'

/** One input of a field, and how to read its column. */
export interface ColumnInput {
  readonly source: InputSource
  /** Whether it has one value for all rows. */
  readonly isSame: boolean
  /** Tried first. */
  readonly quick: QuickColumn | undefined
}

/** Compiles the reading of an input of `field`; `type` is the field's parent type, as the subgraph serves it. */
export function compileInput(
  binding: InputBinding,
  field: PredictionField,
  type: GraphQLObjectType,
): ColumnInput {
  return {
    source: compileInputSource(binding, field, type),
    isSame: binding.from !== 'parent',
    quick: compileQuickColumn(binding, type),
  }
}

/** Reads the raw value of one input for one row, perhaps as a promise; undefined means absent. */
export type InputSource = (call: FieldCall) => unknown

/** Returned if the owner of a required field does not know the entity. Nothing is predicted for it. */
export const UNKNOWN_ENTITY = Symbol('unknown entity')

function compileInputSource(
  binding: InputBinding,
  field: PredictionField,
  type: GraphQLObjectType,
): InputSource {
  switch (binding.from) {
    case 'args':
      return argument(type, field.field, binding.path)
    case 'parent':
      return binding.external ? externalField(type, binding.path) : compileOwnField(type, binding.path)
    case 'context':
      return ({ contextValue }) => contextValue.request.context[binding.key]
    case 'default':
    case 'absent':
      return () => undefined
    default:
      return unreachable(binding)
  }
}

function argument(type: GraphQLObjectType, field: string, path: readonly string[]): InputSource {
  const [first, ...rest] = path
  let named = getNamedType(type.getFields()[field].args.find(({ name }) => name === first)!.type)
  for (const name of rest) if (isInputObjectType(named)) named = getNamedType(named.getFields()[name].type)
  const toName = isEnumType(named) ? namesOfValues(named) : undefined
  if (toName === undefined) {
    return path.length === 1 ? ({ args }) => args[first] : ({ args }) => walk(args, path, 0)
  }
  return ({ args }) => {
    const value = walk(args, path, 0)
    return Array.isArray(value) ? value.map(toName) : toName(value)
  }
}

/**
 * A field of another subgraph, as the gateway sent it. If it is missing altogether, its owner does not know the entity.
 */
function externalField(type: GraphQLObjectType, path: readonly string[]): InputSource {
  const read = readBrought(type, path[0])
  return (call) => {
    const value = read(call)
    return value === undefined ? UNKNOWN_ENTITY : walk(value, path, 1)
  }
}

/** Follows a path through plain objects and lists. A list on the way makes the result a list. */
function walk(value: unknown, path: readonly string[], step: number): unknown {
  if (step === path.length || value === null || value === undefined) return value
  if (Array.isArray(value)) return value.flatMap((item) => walk(item, path, step))
  return walk((value as Record<string, unknown>)[path[step]], path, step + 1)
}

/**
 * Reads an input of many rows at once, from the parents into the column. Returns false if a value needs coercion or
 * cannot be read; then the column has to be read again, row by row, with the input's source.
 */
export type QuickColumn = (parents: readonly unknown[], column: unknown[]) => boolean

/**
 * Compiles the reading of inputs that are plain properties of the parent and usually have the type that the field
 * declares. Generated code is much faster here: V8 optimizes `parent.name`, but not `parent[name]` at a site that sees
 * many names. Undefined for other inputs, and if no code can be generated.
 */
export function compileQuickColumn(binding: InputBinding, type: GraphQLObjectType): QuickColumn | undefined {
  if (binding.from !== 'parent' || binding.path.length !== 1) return undefined
  const [name] = binding.path
  if (binding.external) {
    return hasReferenceResolver(type) ? undefined : compileRead(`parent.${name}`, '', brought, plainChecks)
  }
  const { resolve, type: declared } = type.getFields()[name]
  const condition = plainCondition(declared)
  if (condition === undefined || (resolve !== undefined && resolve !== defaultFieldResolver)) return undefined
  const reading = `parent.${name} ?? null`
  if (!isListOfFloats(declared)) return compileRead(reading, plainTurn(declared), condition, plainChecks)
  // Stricter than the type, which accepts any finite number. Lists that are not float32 are read row by row.
  const read = compileRead(reading, '', condition, { ...plainChecks, areNumbers: areFloat32 })
  return read && ((parents, column) => read(parents, column) && float32Lists.add(column) !== undefined)
}

function isListOfFloats(declared: GraphQLOutputType): boolean {
  const type = getNullableType(declared)
  return isListType(type) && getNullableType(type.ofType) === GraphQLFloat
}

/** External fields are taken as they come. If undefined, the entity may be unknown. Objects may be promises. */
const brought =
  "value !== undefined && typeof value !== 'function' && (typeof value !== 'object' || value === null || isArray(value))"

function compileRead(
  reading: string,
  turn: string,
  condition: string,
  checks: Readonly<Record<string, unknown>>,
): QuickColumn | undefined {
  const body = `return function readColumn(parents, column) {
      try {
        for (let row = 0; row < parents.length; row++) {
          const parent = parents[row]
          if (typeof parent !== 'object' || parent === null) return false
          let value = ${reading}
          ${turn}
          if (!(${condition})) return false
          column[row] = value
        }
        return true
      } catch {
        return false
      }
    }`
  return generateFunction<QuickColumn>(checks, body)
}
