import {
  defaultFieldResolver,
  GraphQLFloat,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
} from 'graphql'
import { isPromise } from 'graphql/jsutils/isPromise'
import { PresageError } from '../../lib/errors'
import type { ColumnCall } from '../../lib/execution/columnField'
import { generateFunction } from '../../lib/execution/generatedCode'
import { plainChecks, plainCondition, plainTurn } from '../../lib/execution/plainValues'
import { unreachable } from '../../lib/invariant'
import { areFloat32, markChecked } from '../../models/types/numberList'
import type { InputBinding, PredictionField } from '../../schema/fields/plan'
import { namesOfValues } from './enumValues'
import { hasReferenceResolver, readBrought } from './externalFields'
import { compileOwnField } from './ownField'
import type { FieldCall, SubgraphContext } from './subgraphContext'

/** The inputs of a call, by input and row, without the rows that are left out. */
export interface InputColumns {
  readonly columns: readonly (readonly unknown[])[]
  readonly rows: Rows
}

/** Which rows of a call are predicted. Rows are left out if an input failed or their entity is unknown. */
export class Rows {
  private leftOut: Map<number, Error | undefined> | undefined

  constructor(readonly asked: number) {}

  get areAll(): boolean {
    return this.leftOut === undefined
  }

  /** How many rows are predicted. */
  get count(): number {
    return this.asked - (this.leftOut?.size ?? 0)
  }

  /** How many of the first `asked` rows are predicted. */
  countOf(asked: number): number {
    let count = asked
    for (const row of this.leftOut?.keys() ?? []) if (row < asked) count--
    return count
  }

  isLeftOut(row: number): boolean {
    return this.leftOut?.has(row) ?? false
  }

  errorOf(row: number): Error | undefined {
    return this.leftOut?.get(row)
  }

  errors(): Iterable<Error | undefined> {
    return this.leftOut?.values() ?? []
  }

  /** The first input that fails determines the error. */
  leaveOut(row: number, error: unknown): void {
    this.leftOut ??= new Map()
    if (this.leftOut.has(row)) return
    this.leftOut.set(row, error === undefined || error instanceof Error ? error : new Error(String(error)))
  }
}

/** Reads all inputs of all rows, column by column. Returns a promise only if some value is a promise. */
export function collectColumns(
  inputs: readonly ColumnInput[],
  call: ColumnCall,
): InputColumns | Promise<InputColumns> {
  const rows = new Rows(call.parents.length)
  let isWaiting = false
  const columns = inputs.map(({ source, isSame, quick }) => {
    if (isSame) return new Array<unknown>(rows.asked).fill(source(new RowCall(call, 0)))
    const column: unknown[] = new Array(rows.asked)
    if (quick?.(call.parents, column)) return column
    for (let row = 0; row < rows.asked; row++) {
      try {
        const value = source(new RowCall(call, row))
        if (value === UNKNOWN_ENTITY) rows.leaveOut(row, undefined)
        else if (isPromise(value)) isWaiting = true
        column[row] = value
      } catch (error) {
        rows.leaveOut(row, error)
      }
    }
    return column
  })
  return isWaiting ? settled(columns, rows) : packed(columns, rows)
}

/** One row of a call, in the form of a resolver call. A source may keep it, and read it after a promise. */
class RowCall implements FieldCall {
  constructor(
    private readonly call: ColumnCall,
    private readonly row: number,
  ) {}

  get args(): FieldCall['args'] {
    return this.call.args
  }

  get contextValue(): SubgraphContext {
    return this.call.contextValue as SubgraphContext
  }

  get parent(): unknown {
    return this.call.parents[this.row]
  }

  get info(): GraphQLResolveInfo {
    return this.call.info(this.row)
  }
}

async function settled(columns: readonly unknown[][], rows: Rows): Promise<InputColumns> {
  // All columns at once: nobody would handle a rejection in one while another is awaited.
  const all = await Promise.all(columns.map((column) => Promise.allSettled(column)))
  for (const [at, column] of columns.entries()) {
    for (let row = 0; row < rows.asked; row++) {
      const value = all[at][row]
      if (value.status === 'fulfilled') column[row] = value.value
      else rows.leaveOut(row, value.reason)
    }
  }
  return packed(columns, rows)
}

function packed(columns: readonly unknown[][], rows: Rows): InputColumns {
  if (rows.areAll) return { columns, rows }
  return { columns: columns.map((column) => column.filter((_, row) => !rows.isLeftOut(row))), rows }
}

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
const UNKNOWN_ENTITY = Symbol('unknown entity')

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
      return ({ contextValue }) => own(contextValue.request.context, binding.key)
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
    return path.length === 1 ? ({ args }) => own(args, first) : ({ args }) => walk(args, path, 0)
  }
  return ({ args }) => {
    const value = walk(args, path, 0)
    return Array.isArray(value) ? value.map(toName) : toName(value)
  }
}

/** A value by its name, which may be one that every object inherits, such as `constructor`. */
function own(values: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(values, name) ? values[name] : undefined
}

/**
 * A field of another subgraph, as the gateway sent it. If it is missing altogether, its owner does not know the entity.
 */
function externalField(type: GraphQLObjectType, path: readonly string[]): InputSource {
  const read = readBrought(type, path[0])
  return (call) => {
    const value = read(call)
    // Over HTTP the gateway sends null where the owner of a field below does not know its object.
    return value === undefined ? UNKNOWN_ENTITY : (walk(value, path, 1, type.name) ?? null)
  }
}

/**
 * Follows a path through plain objects and lists. A list on the way makes the result a list. Throws UPSTREAM_FAILED for
 * anything else on the way, which the subgraph of `type` has answered: a model would take it for a missing value.
 */
function walk(value: unknown, path: readonly string[], step: number, type = ''): unknown {
  if (step === path.length || value === null || value === undefined) return value
  if (Array.isArray(value)) return value.flatMap((item) => walk(item, path, step, type))
  if (typeof value === 'object')
    return walk(own(value as Readonly<Record<string, unknown>>, path[step]), path, step + 1, type)
  const field = `${type}.${path.join('.')}`
  const place = path.slice(0, step).join('.')
  throw new PresageError(
    'UPSTREAM_FAILED',
    `${field} is needed and failed: ${place} must be an object, got a ${typeof value}`,
    { field },
  )
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
  return (
    read &&
    ((parents, column) => {
      if (!read(parents, column)) return false
      markChecked(column)
      return true
    })
  )
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
