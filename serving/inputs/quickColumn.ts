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
 * Reads an input of many rows at once: fills the column from the parents. False where a value needs a closer look, or cannot be
 * read: then the column has to be read anew, row by row, by the input's source.
 */
export type QuickColumn = (parents: readonly unknown[], column: unknown[]) => boolean

/**
 * Compiles the reading of inputs that are nearly always properties of the parent, which say themselves that they are what the
 * field's type demands. The name is written out as code, since the engine reads `parent.name` several times as fast as
 * `parent[name]` where the same line meets many names. Undefined for other inputs, and where no code can be made.
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
  // Stricter than the type, which takes any finite number: others are looked at row by row.
  const read = compileRead(reading, '', condition, { ...plainChecks, areNumbers: areFloat32 })
  return read && ((parents, column) => read(parents, column) && float32Lists.add(column) !== undefined)
}

function isListOfFloats(declared: GraphQLOutputType): boolean {
  const type = getNullableType(declared)
  return isListType(type) && getNullableType(type.ofType) === GraphQLFloat
}

/** What the gateway brought is taken as it is; without it the entity may be unknown. Objects may be promises. */
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
