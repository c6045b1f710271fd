import type { GraphQLLeafType } from 'graphql'
import { inspect } from 'graphql/jsutils/inspect'
import { finalScalars } from '../graphql/finalScalars'

/** The value as a client gets it, null where there is none. Throws for what the type does not take. */
export type CompleteLeaf = (value: unknown) => unknown

/**
 * Scalars of the specification are nearly always given as they go out, and then need no call of the type's own
 * function.
 */
export function compileLeaf(type: GraphQLLeafType): CompleteLeaf {
  const isFinal = finalScalars.get(type)
  if (isFinal === undefined) return (value) => serialize(type, value)
  return (value) => (isFinal(value) ? value : serialize(type, value))
}

/** The items of a list that all go out as they are, in a list of its own; undefined where one does not. */
export function finalItems(
  type: GraphQLLeafType,
): ((items: readonly unknown[]) => unknown[] | undefined) | undefined {
  const isFinal = finalScalars.get(type)
  if (isFinal === undefined) return undefined
  return (items) => {
    for (let at = 0; at < items.length; at++) if (!isFinal(items[at])) return undefined
    return items.slice()
  }
}

function serialize(type: GraphQLLeafType, value: unknown): unknown {
  if (value instanceof Error) throw value
  if (value === null || value === undefined) return null
  const serialized = type.serialize(value)
  if (serialized !== null && serialized !== undefined) return serialized
  throw new Error(
    `Expected \`${inspect(type)}.serialize(${inspect(value)})\` to return non-nullable value, returned: ${inspect(serialized)}`,
  )
}
