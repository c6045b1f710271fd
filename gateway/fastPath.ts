import type { ApolloServerPlugin, GraphQLRequestContextWillSendResponse } from '@apollo/server'
import type { GraphQLSchema } from 'graphql'
import type { ClientRequest } from '../lib/clientRequest'
import { LruCache } from '../lib/lruCache'
import { jsonStatus } from './answerStatus'
import { headOf } from './errorHead'
import { type FormatError, formatErrors } from './formatError'
import type { KnownOperation, KnownOperations, OperationResult } from './knownOperation'
import type { OperationAnswer } from './operationServer'
import type { Variables } from './planRun'
import type { GatewayContext } from './presageGateway'
import { readAskedOperation, ServedDocuments } from './servedDocuments'
import { type LogErrors, nameOperation } from './watchOperations'

/**
 * Serves what Apollo Server has served before, without it: nothing is parsed, validated or looked for again, and the answer
 * is the same to the byte. It learns from Apollo Server's answers, and leaves it everything that is in any way unusual.
 */
export interface FastPath {
  /** Tells the fast path what Apollo Server lets through. */
  readonly plugin: ApolloServerPlugin<GatewayContext>
  /** Remembers the type of answer that Apollo Server gave to an `accept` header. */
  learnContentType(accept: string | undefined, contentType: string): void
  /** Undefined where Apollo Server has to serve: nothing was begun then. `body` is that of a POST request. */
  answer(
    body: unknown,
    accept: string | undefined,
    request: ClientRequest,
  ): Promise<OperationAnswer> | undefined
}

export interface FastPathOptions {
  readonly operations: KnownOperations
  readonly formatError: FormatError
  /** Tokens of an operation's document. */
  readonly maxTokens: number
  /** Writes down what clients are not told of these errors. */
  readonly logErrors: LogErrors
}

export function createFastPath({ operations, formatError, maxTokens, logErrors }: FastPathOptions): FastPath {
  const contentTypes = new LruCache<AnswerHeaders>(100, 10_000)
  /** What was let through by one schema and its limits says nothing of the next. */
  const served = new WeakMap<GraphQLSchema, ServedDocuments>()

  function learn(context: GraphQLRequestContextWillSendResponse<GatewayContext>): void {
    const { schema } = context
    let documents = served.get(schema)
    if (documents === undefined) {
      documents = new ServedDocuments(operations, maxTokens)
      served.set(schema, documents)
    }
    documents.learn(context)
  }

  function run(
    operation: KnownOperation,
    variables: Variables,
    headers: AnswerHeaders,
    request: ClientRequest,
  ): Promise<OperationAnswer> {
    nameOperation(request, operation.name)
    const failed = (error: unknown): OperationAnswer => {
      logErrors([error], request)
      const text = `${JSON.stringify({ errors: formatErrors([error], formatError) })}\n`
      return { status: 500, headers, text }
    }
    try {
      return operation.run(variables, request).then((result) => {
        try {
          return answerOf(result, headers, request)
        } catch (error) {
          return failed(error)
        }
      }, failed)
    } catch (error) {
      return Promise.resolve(failed(error))
    }
  }

  function answerOf(
    { dataText, errors, extensions }: OperationResult,
    headers: AnswerHeaders,
    request: ClientRequest,
  ): OperationAnswer {
    const more = extensions === undefined ? '' : `,"extensions":${JSON.stringify(extensions)}`
    if (errors.length === 0) return { status: 200, headers, text: `{"data":${dataText}${more}}\n` }
    logErrors(errors, request)
    const errorsText = JSON.stringify(formatErrors(errors, formatError))
    const text = `{"errors":${errorsText},"data":${dataText}${more}}\n`
    const head = headOf(errors)
    if (head === undefined) return { status: 200, headers, text }
    const isJson = headers[0][1].startsWith('application/json')
    const { status = 200 } = head
    return {
      status: isJson ? jsonStatus(status) : status,
      headers: [...head.headers, ...headers],
      text,
    }
  }

  const listener = {
    async willSendResponse(context: GraphQLRequestContextWillSendResponse<GatewayContext>): Promise<void> {
      learn(context)
    },
  }

  return {
    plugin: {
      requestDidStart: async () => listener,
    },
    learnContentType(accept = '', contentType) {
      contentTypes.set(accept, [['content-type', contentType]], accept.length)
    },
    answer(body, accept = '', request) {
      const asked = readAskedOperation(body)
      if (asked === undefined) return undefined
      const operation = served.get(operations.apiSchema)?.find(asked)
      const headers = contentTypes.get(accept)
      if (operation === undefined || headers === undefined) return undefined
      const variables = operation.readVariables(asked.variables)
      return variables && run(operation, variables, headers, request)
    },
  }
}

/** Of answers to one `accept` header: their type, and nothing else. */
type AnswerHeaders = readonly [readonly ['content-type', string]]
