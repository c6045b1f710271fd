import { type GraphQLFieldResolver, type GraphQLSchema, isInterfaceType, isUnionType } from 'graphql'
import { PresageError, show } from '../../lib/errors'

type EntitiesResolver = GraphQLFieldResolver<
  unknown,
  unknown,
  { readonly representations: readonly unknown[] }
>

/**
 * Wraps the subgraph library's `_entities`. If one representation names no entity, the library fails for all of them,
 * with an error that has no code. Here it is an error in that one's place, and the others are answered.
 */
export function checkedEntities(schema: GraphQLSchema, resolve: EntitiesResolver): EntitiesResolver {
  const union = schema.getType('_Entity')
  const entities = isUnionType(union) ? union.getTypes().map(({ name }) => name) : []
  // An interface may have a key as well; the library finds out which object stands for it.
  const interfaces = Object.values(schema.getTypeMap()).filter(isInterfaceType)
  const names: ReadonlySet<unknown> = new Set([...entities, ...interfaces.map(({ name }) => name)])
  const listed = `${entities.slice(0, 8).join(', ')}${entities.length > 8 ? ', ...' : ''}`

  return (source, args, context, info) => {
    const { representations } = args
    const known = representations.filter((one) => names.has(typenameOf(one)))
    const found = resolve(source, { ...args, representations: known }, context, info) as readonly unknown[]
    if (known.length === representations.length) return found
    let next = 0
    return representations.map((one) => (names.has(typenameOf(one)) ? found[next++] : noEntity(one, listed)))
  }
}

function typenameOf(representation: unknown): unknown {
  return (representation as { readonly __typename?: unknown } | null)?.__typename
}

function noEntity(representation: unknown, listed: string): PresageError {
  const isObject = typeof representation === 'object' && !Array.isArray(representation)
  const got = isObject ? `__typename: ${show(typenameOf(representation))}` : show(representation)
  return new PresageError(
    'BAD_REQUEST',
    `a representation must be an object with the __typename of an entity of this subgraph (${listed}), got ${got}`,
  )
}
