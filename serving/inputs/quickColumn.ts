import { defaultFieldResolver, type GraphQLObjectType } from 'graphql'
import { generateFunction } from '../../lib/execution/generatedCode'
import { plainChecks, plainCondition, plainTurn } from '../../lib/execution/plainValues'
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
    return hasReferenceResolver(type) ? undefined : compileRead(`parent.${name}`, '', brought)
  }
  const { resolve, type: declared } = type.getFields()[name]
  const condition = plainCondition(declared)
  if (condition === undefined || (resolve !== undefined && resolve !== defaultFieldResolver)) return undefined
  return compileRead(`parent.${name} ?? null`, plainTurn(declared), condition)
}

/** What the gateway brought is taken as it is; without it the entity may be unknown. Objects may be promises. */
const brought =
  "value !== undefined && typeof value !== 'function' && (typeof value !== 'object' || value === null || isArray(value))"

function compileRead(reading: string, turn: string, condition: string): QuickColumn | undefined {
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
  return generateFunction<QuickColumn>(plainChecks, body)
}
