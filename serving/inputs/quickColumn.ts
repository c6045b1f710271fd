import {
  defaultFieldResolver,
  GraphQLFloat,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNullableType,
  isListType,
} from 'graphql'
import { generateFunction } from '../../lib/execution/generatedCode'
import { plainChecks, plainCondition, plainTurn } from '../../lib/execution/plainValues'
import { areFloat32, float32Lists } from '../../models/types/numberList'
import type { InputBinding } from '../../schema/fields/plan'
import { hasReferenceResolver } from './externalFields'

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
