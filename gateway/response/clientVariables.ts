import type { GraphQLError } from 'graphql'
import type { NormalVariable } from '../../federation/operations/normalOperation'
import { lightError } from '../graphql/lightError'

/**
 * Subgraphs know the variables of the normal form. Where a message names one, the client reads the name of the variable
 * that it wrote.
 */
export function withClientVariables(error: GraphQLError, variables: readonly NormalVariable[]): GraphQLError {
  if (!error.message.includes('$v')) return error
  const message = error.message.replace(/\$(v\d+)\b/g, (text, name: string) => {
    const source = variables.find((one) => one.name === name)?.source
    return source?.kind === 'variable' ? `$${source.name}` : text
  })
  const { path, nodes, originalError, extensions } = error
  return lightError(message, { path, nodes, originalError, extensions })
}
