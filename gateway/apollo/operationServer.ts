import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import {
  type ApolloServerPlugin,
  type GraphQLRequestContextWillSendResponse,
  HeaderMap,
} from '@apollo/server'
import { errorTable, PresageError } from '../../lib/errors'
import { invariant } from '../../lib/invariant'
import type { ErrorLog, Log } from '../../lib/log'
import { LruCache } from '../../lib/lruCache'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { columnsType } from '../graphql/columnList'
import { asksLists, columnsHeader } from '../graphql/entityColumns'
import { isResponseObject } from '../graphql/responseData'
import { answerStatus, answerTypeFor, answerTypes, jsonStatus, requireAccept } from '../http/answerStatus'
import { createCrossSiteCheck } from '../http/crossSite'
import { shortAccept } from '../http/mediaType'
import type { OperationAnswer } from '../http/sendAnswer'
import { refusalWithRetryAfter } from '../limits/newOperations'
import type { GatewayContext } from '../operations/operationGateway'
import type { AskedOperation, OperationResult, ReadyOperation } from '../operations/preparedOperation'
import { errorsText, keptBeginning } from '../response/errorsText'
import { createErrorFormatter, formatErrors, headOf } from '../response/formatError'
import { answerPieces, LongData } from '../response/longData'
import type { Variables } from '../run/planRun'
import { type ApolloOptions, createApolloServer, validationRules } from './apolloServer'
import { createColumnRequests, type OwnAnswers, offerColumns } from './columnRequests'
import { createLogErrors, watchOperations } from './errorLog'
import { checkPersisted } from './trustedDocuments'
import { createValidDocuments } from './validDocuments'

/** Answers GraphQL over HTTP: new operations with Apollo Server, known ones on the fast path. */
export interface OperationServer {
  /** `search` is the query string with its question mark, or empty; `body` is parsed JSON if the method is POST. */
  answer(
    message: IncomingMessage,
    search: string,
    body: unknown,
    request: ClientRequest,
  ): Promise<OperationAnswer>
  stop(): Promise<void>
}

export async function startOperationServer(
  options: ApolloOptions,
  log: Log,
  logError: ErrorLog,
): Promise<OperationServer> {
  const { maxTokens } = options
  const formatError = createErrorFormatter(maxTokens, options.introspection)
  const logErrors = createLogErrors(logError)
  const isShownData = !mayPassApollo(options, log)
  const own = { gateway: options.gateway, formatError, maxTokens, logErrors }
  const fastPath = isShownData ? undefined : createFastPath(own)
  const columnRequests = isShownData ? undefined : createColumnRequests(own)
  const rules = validationRules(options)
  const validDocuments = createValidDocuments(options.gateway, rules, maxTokens, formatError)
  const plugins = [watchOperations(logError, logErrors), validDocuments, answerStatus]
  if (fastPath !== undefined) plugins.push(fastPath.plugin)
  const checkCrossSite = createCrossSiteCheck(options.corsOrigins)
  const apollo = createApolloServer(options, rules, plugins, formatError, log)
  await apollo.start()

  async function answerWithApollo(
    { method = 'GET', headers }: IncomingMessage,
    search: string,
    body: unknown,
    request: ClientRequest,
  ): Promise<OperationAnswer> {
    if (headers.upgrade?.toLowerCase() === 'websocket') throw noWebSockets
    checkPersisted(search, body)
    const checked = method === 'POST' ? headers : checkCrossSite(headers, method)
    requireAccept(headers.accept)
    const long = isShownData || Array.isArray(body) ? undefined : new LongData()
    const contextValue = { request, long }
    const answer = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method,
        headers: headerMap(checked),
        search: search.replace(emptyOperationName, ''),
        body,
      },
      context: async () => contextValue,
    })
    invariant(answer.body.kind === 'complete', 'an answer in parts, which nobody can have asked for')
    const { status = 200 } = answer
    const contentType = answer.headers.get('content-type')
    if (status === 200 && contentType !== undefined) fastPath?.learnContentType(headers.accept, contentType)
    const { string: text } = answer.body
    return { status, headers: answer.headers, text: long === undefined ? text : long.putInto(text) }
  }

  return {
    answer(message, search, body, request) {
      const { method, headers } = message
      const columns = columnRequests && headers[columnsHeader]
      const fast =
        method === 'POST'
          ? (fastPath?.answer(body, headers.accept, request, columns === asksLists) ??
            columnRequests?.answer(body, headers['content-type'] === columnsType, request))
          : undefined
      const answer = fast ?? answerWithApollo(message, search, body, request)
      if (columns !== '1') return answer
      return answer.then(offerColumns)
    },
    stop: () => apollo.stop(),
  }
}

/** The GraphQL-over-HTTP specification takes one in a URL for none. */
const emptyOperationName = /(?<=[?&])operationName=(?=&|$)/

/** Clients of subscriptions would read that they send a GET without an operation. */
const noWebSockets = new PresageError(
  'NOT_SUPPORTED',
  'upgrade: WebSockets are not supported, for there are no subscriptions; send operations by POST',
)

/** The fast path does what our own plugins do; Apollo Server has to show others each request. */
function mayPassApollo({ plugins = [] }: ApolloOptions, log: Log): boolean {
  const watching = plugins.flatMap((plugin, place) =>
    plugin.requestDidStart === undefined ? [] : [`plugins.${place}`],
  )
  if (watching.length === 0) return true
  log.write('warn', `all operations pass through Apollo Server, for ${watching.join(', ')} sees each request`)
  return false
}

function headerMap(headers: IncomingHttpHeaders): HeaderMap {
  const map = new HeaderMap()
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  if (headers.accept !== undefined) map.set('accept', shortAccept(headers.accept))
  return map
}

/**
 * Serves operations that Apollo Server has served before, without Apollo Server: nothing is parsed, validated or looked
 * up again, and the response is the same to the byte. It learns from Apollo Server's responses and leaves every unusual
 * request to it.
 */
interface FastPath {
  /** Learns which operations Apollo Server lets through. */
  readonly plugin: ApolloServerPlugin<GatewayContext>
  /** Remembers the content type that Apollo Server chose for an `accept` header. */
  learnContentType(accept: string | undefined, contentType: string): void
  /**
   * Undefined, with nothing begun, if Apollo Server has to answer. `body` is that of a POST request. `byColumns` asks
   * for columns as text, which are answered if they can be.
   */
  answer(
    body: unknown,
    accept: string | undefined,
    request: ClientRequest,
    byColumns: boolean,
  ): Promise<OperationAnswer> | undefined
}

function createFastPath({ gateway, formatError, maxTokens, logErrors }: OwnAnswers): FastPath {
  const contentTypes = new LruCache<AnswerHeaders>(100, 10_000)
  /** Shapes of operations that this server's Apollo Server has let through. Servers differ in what they allow. */
  const served = new WeakSet<AskedOperation['prepared']>()
  /** Texts of persisted queries, by hash. Apollo Server has checked the hashes. */
  const persisted = new LruCache<string>(1000, 16_000_000)

  function learn({
    schema,
    source,
    request,
    response,
  }: GraphQLRequestContextWillSendResponse<GatewayContext>) {
    // A response with data was executed; one without was refused.
    if (response.body.kind !== 'single' || response.body.singleResult.data === undefined) return
    // An operation that passed the limits of one schema may not pass those of the next.
    if (source === undefined || schema !== gateway.apiSchema) return
    const known = gateway.operations.find(source, request.operationName, maxTokens)
    if (known === undefined) return
    served.add(known.prepared)
    const hash = hashOf(request.extensions)
    if (hash !== undefined) persisted.set(hash, source, source.length)
  }

  function run(
    operation: AskedOperation,
    { compiled, variables }: ReadyOperation,
    headers: AnswerHeaders,
    request: ClientRequest,
    byColumns: boolean,
  ): Promise<OperationAnswer> {
    request.operation = operation.prepared.name
    const failed = (error: unknown): OperationAnswer => {
      logErrors([error], request)
      const text = `${JSON.stringify({ errors: formatErrors([error], formatError) })}\n`
      if (!(error instanceof PresageError)) return { status: 500, headers, text }
      return { status: isJson(headers) ? 200 : errorTable[error.code].http, headers, text }
    }
    return operation.run(compiled, variables, request, byColumns).then((result) => {
      try {
        return answerOf(result, headers, request)
      } catch (error) {
        return failed(error)
      }
    }, failed)
  }

  function answerOf(
    { data, errors, shared = [], extensions, columns }: OperationResult,
    headers: AnswerHeaders,
    request: ClientRequest,
  ): OperationAnswer {
    if (columns !== undefined) return { status: 200, headers: columnsHeaders, text: columns }
    const after = `${extensions === undefined ? '' : `,"extensions":${JSON.stringify(extensions)}`}}\n`
    if (errors.length === 0 && shared.length === 0)
      return { status: 200, headers, text: textOf('{"data":', data, after) }
    logErrors(errors, request)
    // Usually nothing is hidden of them, so that their errors need not be made.
    for (const one of shared) if (one.error.cause !== undefined) logErrors([one.first], request)
    const beginning = typeof data === 'string' ? keptBeginning(errors, shared, formatError) : undefined
    if (beginning !== undefined) return { status: 200, headers, beginning, text: `],"data":${data}${after}` }
    const text = textOf(`{"errors":${errorsText(errors, shared, formatError)},"data":`, data, after)
    const head = headOf(errors)
    if (head === undefined) return { status: 200, headers, text }
    const { status = 200 } = head
    return {
      status: isJson(headers) ? jsonStatus(status) : status,
      headers: new Map([...head.headers, ...headers]),
      text,
    }
  }

  function refuse(error: PresageError, accept: string): Promise<OperationAnswer> {
    const type = answerTypeFor(accept)
    const refusal = refusalWithRetryAfter(error)
    return Promise.resolve({
      status: type === answerTypes[0] ? 200 : errorTable[error.code].http,
      headers: [...headOf([refusal])!.headers, ['content-type', `${type}; charset=utf-8`]],
      text: `${JSON.stringify({ errors: formatErrors([refusal], formatError) })}\n`,
    })
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
      // A longer header is not read to its end, and is left to Apollo Server.
      if (shortAccept(accept) === accept)
        contentTypes.set(accept, [['content-type', contentType]], accept.length)
    },
    answer(body, accept = '', request, byColumns) {
      if (!isResponseObject(body)) return undefined
      const { query = null, operationName = null, variables = null, extensions = null } = body
      if (operationName !== null && typeof operationName !== 'string') return undefined
      if (variables !== null && !isResponseObject(variables)) return undefined
      const text = query === null ? persisted.get(hashOf(extensions) ?? '') : extensions === null && query
      if (typeof text !== 'string') return undefined
      const { operations, newOperations } = gateway
      const name = operationName ?? undefined
      let operation = operations.known(text, name)
      if (operation === undefined) {
        if (newOperations?.mayRead(request) === false) return refuse(newOperations.refuse(), accept)
        operation = operations.similar(text, name, maxTokens)
      }
      const headers = contentTypes.get(accept)
      if (operation === undefined || headers === undefined || !served.has(operation.prepared))
        return undefined
      const ready = operation.ready(variables ?? noVariables)
      return ready && run(operation, ready, headers, request, byColumns)
    },
  }
}

function textOf(before: string, data: OperationResult['data'], after: string): OperationAnswer['text'] {
  return typeof data === 'string' ? `${before}${data}${after}` : answerPieces(before, data, after)
}

function isJson([[, type]]: AnswerHeaders): boolean {
  return type.startsWith('application/json')
}

/** For one `accept` header: the content type, and nothing else. */
type AnswerHeaders = readonly [readonly ['content-type', string]]

/** The hash of a persisted query, if `extensions` hold nothing else. */
function hashOf(extensions: unknown): string | undefined {
  if (!isResponseObject(extensions) || Object.keys(extensions).length !== 1) return undefined
  const { persistedQuery } = extensions
  if (!isResponseObject(persistedQuery) || persistedQuery['version'] !== 1) return undefined
  const hash = persistedQuery['sha256Hash']
  return typeof hash === 'string' ? hash : undefined
}

const columnsHeaders: AnswerHeaders = [['content-type', columnsType]]
const noVariables: Variables = Object.freeze({})
