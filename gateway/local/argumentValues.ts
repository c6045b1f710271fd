import { type FieldNode, GraphQLError, type GraphQLField, getArgumentValues } from 'graphql'
import type { Variables } from '../run/planRun'

/**
 * A field's arguments as graphql-js makes them. Throws its error with BAD_USER_INPUT: a document that is valid may still give null to an
 * argument that takes none, by a variable with a default, and then the client has sent what is wrong.
 */
export function argumentValues(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Variables,
): Record<string, unknown> {
  try {
    return getArgumentValues(field, node, variables)
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const { message, nodes } = error
    throw new GraphQLError(message, { nodes, extensions: { code: 'BAD_USER_INPUT' } })
  }
}
