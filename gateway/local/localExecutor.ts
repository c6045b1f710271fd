import { type DocumentNode, type ExecutionResult, execute, GraphQLError, type GraphQLSchema } from 'graphql'
import type { SubgraphExecutor } from '../../lib/execution/subgraphExecutor'
import { memoizedWeakly } from '../../lib/memoized'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { locatedPresageError } from '../graphql/locatedError'
import { clientGone } from '../graphql/upstreamErrors'
import { compileColumns } from './compileColumns'
import { compileLocalOperation, type LocalOperation } from './compileLocalOperation'

/**
 * Runs the operations of a subgraph in this process: without HTTP, parsing or validation, since the planner made the
 * operation from the subgraph's own schema. Operations are compiled on first use, and their prediction fields are
 * resolved for all rows at once. graphql-js runs those that cannot be compiled. `contextValue` makes the resolvers'
 * context.
 */
export function createLocalExecutor(
  name: string,
  schema: GraphQLSchema,
  contextValue: (request: ClientRequest) => unknown,
): SubgraphExecutor {
  const compiled = memoizedWeakly(
    (document: DocumentNode) => compileLocalOperation(schema, document) ?? interpreted(schema, document),
  )

  function failed(error: unknown): ExecutionResult {
    const cause = error instanceof Error ? error : new Error(String(error))
    return { errors: [new GraphQLError(`subgraph ${name}: ${cause.message}`, { originalError: cause })] }
  }

  return {
    columns: (fetch) => compileColumns(schema, fetch, contextValue),
    execute(operation, variables, request, work): Promise<ExecutionResult> {
      if (request.isAborted)
        return Promise.resolve({ errors: [locatedPresageError(clientGone(), undefined)] })
      try {
        const { coerce, run } = compiled(operation.document)
        const { coerced, errors } = coerce(variables)
        if (coerced === undefined) return Promise.resolve({ errors })
        return run(coerced, contextValue(request), work).then(undefined, failed)
      } catch (error) {
        return Promise.resolve(failed(error))
      }
    },
  }
}

function interpreted(schema: GraphQLSchema, document: DocumentNode): LocalOperation {
  return {
    coerce: (variables) => ({ coerced: variables }),
    run: async (variableValues, contextValue) => execute({ schema, document, variableValues, contextValue }),
  }
}
