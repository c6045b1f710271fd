import { type GraphQLObjectType, getNamedType, isEnumType, isInputObjectType } from 'graphql'
import { unreachable } from '../../lib/invariant'
import type { InputBinding, PredictionField } from '../../schema/fields/plan'
import { namesOfValues } from './enumValues'
import { readBrought } from './externalFields'
import { compileOwnField } from './ownField'
import type { FieldCall } from './subgraphContext'

/** Reads the raw value of one input for one row, perhaps as a promise; undefined means absent. */
export type InputSource = (call: FieldCall) => unknown

/** Returned if the owner of a required field does not know the entity. Nothing is predicted for it. */
export const UNKNOWN_ENTITY = Symbol('unknown entity')

/** Compiles the source of an input of `field`; `type` is the field's parent type, as the subgraph serves it. */
export function compileInputSource(
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
