import { type ExecutionResult, execute, GraphQLError, type GraphQLSchema } from 'graphql'
import type { ClientRequest } from '../lib/clientRequest'
import type { SubgraphExecutor } from '../lib/subgraphExecutor'
import { locatedPresageError } from './locatedError'
import { clientGone } from './upstreamErrors'

/**
 * Runs the operations of a subgraph that lives in this process: no HTTP, no parsing, and no validation, since the
 * planner made the operation from the subgraph's own schema. `contextValue` makes what its resolvers get as context.
 */
export function createLocalExecutor(
  name: string,
  schema: GraphQLSchema,
  contextValue: (request: ClientRequest) => unknown,
): SubgraphExecutor {
  return {
    async execute(operation, variables, request): Promise<ExecutionResult> {
      if (request.signal.aborted) return { errors: [locatedPresageError(clientGone(), undefined)] }
      try {
        return await execute({
          schema,
          document: operation.document,
          variableValues: variables,
          contextValue: contextValue(request),
        })
      } catch (error) {
        const cause = error instanceof Error ? error : new Error(String(error))
        return { errors: [new GraphQLError(`subgraph ${name}: ${cause.message}`, { originalError: cause })] }
      }
    },
  }
}
