import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { HeaderMap } from '@apollo/server'
import { invariant } from '../../lib/invariant'
import type { ErrorLog, Log } from '../../lib/log'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { columnsType } from '../graphql/columnList'
import { asksLists, columnsHeader } from '../graphql/entityColumns'
import { answerStatus } from '../http/answerStatus'
import { createCrossSiteCheck } from '../http/crossSite'
import { shortAccept } from '../http/mediaType'
import { createErrorFormatter } from '../response/formatError'
import { LongData } from '../response/longData'
import { type ApolloOptions, createApolloServer, validationRules } from './apolloServer'
import { createColumnRequests, offerColumns } from './columnRequests'
import { createLogErrors, watchOperations } from './errorLog'
import { createFastPath, type FastPath, type OperationAnswer } from './fastPath'
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
  const { maxTokens = 20_000 } = options
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
  const apollo = createApolloServer({ ...options, maxTokens }, rules, plugins, formatError, log)
  await apollo.start()

  async function answerWithApollo(
    { method = 'GET', headers }: IncomingMessage,
    search: string,
    body: unknown,
    request: ClientRequest,
  ): Promise<OperationAnswer> {
    checkPersisted(search, body)
    const checked = method === 'GET' ? checkCrossSite(headers) : headers
    const long = isShownData || Array.isArray(body) ? undefined : new LongData()
    const contextValue = { request, long }
    const answer = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method, headers: headerMap(checked), search, body },
      context: async () => contextValue,
    })
    invariant(answer.body.kind === 'complete', 'an answer in parts, which nobody can have asked for')
    const { status = 200 } = answer
    if (status === 200) learnContentType(fastPath, headers, answer.headers)
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

/** The fast path does what our own plugins do; Apollo Server has to show others each request. */
function mayPassApollo({ plugins = [] }: ApolloOptions, log: Log): boolean {
  const watching = plugins.flatMap((plugin, place) =>
    plugin.requestDidStart === undefined ? [] : [`plugins.${place}`],
  )
  if (watching.length === 0) return true
  log.write('warn', `all operations pass through Apollo Server, for ${watching.join(', ')} sees each request`)
  return false
}

function learnContentType(
  fastPath: FastPath | undefined,
  { accept }: IncomingHttpHeaders,
  headers: HeaderMap,
): void {
  const contentType = headers.get('content-type')
  if (contentType !== undefined) fastPath?.learnContentType(accept, contentType)
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
