import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql'
import type { ClientRequest } from '../lib/clientRequest'
import { subgraphExtensions } from './explained'
import type { KnownOperation, KnownOperations, OperationResult, ResolvedOperation } from './knownOperation'
import { compileLocalOperation, type LocalOperation } from './local/compileOperation'

/**
 * Operations of one subgraph that is served by itself, whose clients are gateways: queries are compiled when they come the
 * second time. Mutations, questions about the schema and documents of several operations are left to Apollo Server.
 */
export function createSchemaOperations(schema: GraphQLSchema): KnownOperations {
  return {
    apiSchema: schema,
    known: (operation) => knownOf(schema, operation),
    knownShape: () => undefined,
  }
}

function knownOf(schema: GraphQLSchema, { document, operationName }: ResolvedOperation): KnownOperation {
  const compiled = once(schema, document)
  return {
    name: operationName,
    readVariables: (variables) => compiled()?.coerce(variables).coerced,
    async run(variables, request) {
      const { data, errors } = await compiled()!.run(variables, { request })
      return resultOf(data, errors, request)
    },
  }
}

/** Not before it is asked for: nobody may ever send the same text again. */
function once(schema: GraphQLSchema, document: DocumentNode): () => LocalOperation | undefined {
  let compiled: LocalOperation | undefined | null = null
  return () => {
    if (compiled === null) compiled = compileLocalOperation(schema, document)
    return compiled
  }
}

function resultOf(
  data: ExecutionResult['data'],
  errors: ExecutionResult['errors'] = [],
  request: ClientRequest,
): OperationResult {
  const extensions = subgraphExtensions(request)
  return { dataText: JSON.stringify(data), errors, ...(extensions && { extensions }) }
}
