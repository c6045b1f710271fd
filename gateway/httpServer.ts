import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LeavingCaller } from '../lib/caller'
import type { ClientRequest } from '../lib/clientRequest'
import { type Clock, systemClock } from '../lib/clock'
import { PresageError } from '../lib/errors'
import { createTextLog, type Log } from '../lib/log'
import { type Metrics, noMetrics } from '../lib/metrics'
import { AdmissionGate } from './admissionGate'
import { answerTypes } from './answerStatus'
import type { ApolloOptions } from './apolloServer'
import { createCors, headWithoutOrigin } from './cors'
import { createErrorLog } from './errorLog'
import type { GraphqlDoor } from './graphqlDoor'
import { GraphqlExchange } from './graphqlExchange'
import { HttpDrain } from './httpDrain'
import { createIdePage } from './idePage'
import { preferredType } from './mediaType'
import { startOperationServer } from './operationServer'
import { type Page, sendPage } from './page'
import { readJsonBody } from './requestBody'
import type { ContextSource } from './requestContext'
import { requestIdHeader } from './requestId'
import { createRequestReader, loopbackTrust, type Trust } from './requestReader'
import { createRequestReport } from './requestReport'
import { createSandboxPage } from './sandboxPage'
import { sendAnswer, sendErrors, sendJson, sendRefusal } from './sendAnswer'
import { createDocumentResolver, type TrustedDocuments } from './trustedDocuments'

export type HttpServerOptions = Pick<ApolloOptions, 'gateway'> & HttpDoorOptions

export interface HttpDoorOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Where each key of the request's context comes from. */
  readonly context: ReadonlyMap<string, ContextSource>
  /** Whose word counts; default: that of this machine, and no token's or envelope's. */
  readonly trust?: Trust
  /** Whether anybody may have predictions explained; default: those with the role researcher. */
  readonly explain?: boolean
  /** Whether anybody may have predictions made anew that a cache has; default: those with the role researcher. */
  readonly bypassCache?: boolean
  /** The longest that a request may take; a client may ask for less with `x-presage-timeout-ms`. */
  readonly defaultTimeoutMs: number
  readonly maxBodyBytes: number
  /** Tokens of an operation's document; default 20,000. */
  readonly maxTokens?: number
  /** Operations in one body; default 1, and then a body cannot be a list of them. */
  readonly maxOperations?: number
  /** Documents that clients may name instead of sending them; default none. */
  readonly trustedDocuments?: TrustedDocuments
  /** Further plugins of Apollo Server; one that looks at single requests costs each of them the way through it. */
  readonly plugins?: ApolloOptions['plugins']
  readonly clock?: Clock
  /** How long the event loop has rested so far, in milliseconds; default: as Node tells. */
  readonly restedMs?: () => number
  /** Where the door counts what comes; default nowhere. */
  readonly metrics?: Metrics
  /** In Prometheus' text form. */
  metricsText(): Promise<string>
  readiness(): { readonly ready: boolean; readonly reasons: readonly string[] }
  /** What is done beside the graph, by path; default nothing. */
  readonly actions?: ReadonlyMap<string, Action>
  /** Default: warnings and errors, on standard error. */
  readonly log?: Log
  /** Whether clients may ask about the schema. */
  readonly introspection: boolean
  /** Whether browsers find an IDE at / and /sandbox; default false. */
  readonly ide?: boolean
  /** Origins whose pages may ask; default none. */
  readonly corsOrigins?: readonly string[]
  /** How long a client may take to send a request, and to take a long answer; default 30 s. Its connection is closed then, with status 408 where nothing was answered. */
  readonly sendTimeoutMs?: number
  /** How long `close` waits for what is in flight; default 10 s. */
  readonly closeGraceMs?: number
}

/**
 * Answers a POST of JSON, parsed and of any shape, to a path of its own with a value that becomes JSON. Throws a PresageError to refuse. A page of another
 * origin cannot send one: no such path answers its browser's question for leave.
 */
export type Action = (request: ClientRequest, body: unknown) => Promise<unknown>

export interface HttpServer {
  /** Without a path, such as `http://127.0.0.1:4000`. */
  readonly url: string
  readonly port: number
  /** Not ready from now on; finishes what is in flight, then ends. */
  close(): Promise<void>
}

/** Serves a graph at /graphql, an IDE for it at / and /sandbox where wanted, and /health/live, /health/ready and /metrics beside it. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const clock = options.clock ?? systemClock
  const log = options.log ?? createTextLog('warn', 'gateway', (text) => process.stderr.write(text))
  const logError = createErrorLog(log, clock)
  const report = createRequestReport(log, options.metrics ?? noMetrics)
  const operations = await startOperationServer(options, log, logError)

  const readRequest = createRequestReader({ trust: loopbackTrust, ...options })
  const { maxOperations = 1, trustedDocuments } = options
  const resolveDocument = trustedDocuments && createDocumentResolver(trustedDocuments)
  const { corsOrigins = [] } = options
  const cors = createCors(corsOrigins)
  const plainHead = headWithoutOrigin(corsOrigins)
  const { restedMs, defaultTimeoutMs } = options
  const isDraining = () => drain.isDraining
  const gate = new AdmissionGate({ clock, restedMs, defaultTimeoutMs, isDraining, cors, plainHead, report })
  const pages = options.ide === true ? createPages() : new Map<string, Page>()
  const { sendTimeoutMs = 30_000 } = options
  // A slow sender is found when the server looks for one: with the default of 30 s that could be late.
  const server = createServer({ connectionsCheckingInterval: sendTimeoutMs / 10 }, (message, response) => {
    if (!gate.admits(message, response)) return
    const place = drain.enter(response)
    try {
      const [path, search = ''] = splitUrl(message.url ?? '/')
      const head = message.headers.origin === undefined ? plainHead : []
      if (path === '/graphql' && !isAnswered(message, response, search))
        return new GraphqlExchange(graphqlDoor, { message, response, search, place, head }).begin()
      response.once('close', () => drain.leave(place))
      if (path !== '/graphql') route(path, message, response).catch((error) => failed(error, response))
    } catch (error) {
      response.once('close', () => drain.leave(place))
      failed(error, response)
    }
  })
  server.requestTimeout = sendTimeoutMs
  // Not longer: Node would take the two for each other, and give the longer time to whole requests.
  server.headersTimeout = sendTimeoutMs
  // Above the idle time of the usual load balancers (60 s), so that they end connections and not we under their feet.
  server.keepAliveTimeout = 65_000
  const drain = new HttpDrain(server)

  const graphqlDoor: GraphqlDoor = {
    clock,
    gate,
    drain,
    readRequest,
    operations,
    maxBodyBytes: options.maxBodyBytes,
    takeMs: sendTimeoutMs,
    maxOperations,
    resolveDocument,
    report,
    fail: failed,
  }

  function failed(error: unknown, response: ServerResponse, requestId?: string): void {
    logError(error, { requestId: requestId ?? response.getHeader(requestIdHeader) })
    if (response.headersSent) response.destroy()
    else
      sendErrors(response, 500, [
        { message: 'Internal error', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
      ])
  }

  /** Whether a request to the graph asks nothing of it, and has been answered: whether a page may ask, or a page itself. */
  function isAnswered(message: IncomingMessage, response: ServerResponse, search: string): boolean {
    const { method, headers } = message
    if ((headers.origin !== undefined || method === 'OPTIONS') && cors(message, response)) return true
    if (!pages.has('/') || !isBrowser(message)) return false
    response.writeHead(302, { location: `/${search}`, vary: 'accept' }).end()
    return true
  }

  async function route(path: string, message: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = pages.get(path)
    if (page !== undefined) return sendPage(message, response, page)
    switch (path) {
      case '/health/live':
        return sendJson(response, 200, { live: true })
      case '/health/ready': {
        const { ready, reasons } = drain.isDraining
          ? { ready: false, reasons: ['shutting down'] }
          : options.readiness()
        return sendJson(response, ready ? 200 : 503, { ready, reasons })
      }
      case '/metrics':
        return sendAnswer(
          response,
          200,
          'text/plain; version=0.0.4; charset=utf-8',
          await options.metricsText(),
        )
      default: {
        const action = options.actions?.get(path)
        if (action !== undefined) return act(message, response, action)
        return sendErrors(response, 404, [{ message: `no such path: ${path}` }])
      }
    }
  }

  async function act(message: IncomingMessage, response: ServerResponse, action: Action): Promise<void> {
    if (message.method !== 'POST') {
      response.setHeader('allow', 'POST')
      return sendErrors(response, 405, [{ message: `must be a POST, got ${message.method}` }])
    }
    try {
      const caller = new LeavingCaller()
      response.once('close', () => {
        if (!response.writableFinished) caller.leave()
      })
      const request = await readRequest(message, clock.now(), caller)
      response.setHeader(requestIdHeader, request.id)
      const body = await readJsonBody(message, options.maxBodyBytes)
      const answer = await action(request, body)
      if (!response.destroyed) sendJson(response, 200, answer)
    } catch (error) {
      if (!(error instanceof PresageError)) throw error
      sendRefusal(message, response, error)
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `http://${host}:${port}`,
    port,
    async close() {
      await drain.close(options.closeGraceMs ?? 10_000)
      await operations.stop()
    },
  }
}

function createPages(): ReadonlyMap<string, Page> {
  return new Map([
    ['/', createIdePage()],
    ['/sandbox', createSandboxPage()],
  ])
}

function splitUrl(url: string): [path: string, search?: string] {
  const mark = url.indexOf('?')
  return mark === -1 ? [url] : [url.slice(0, mark), url.slice(mark)]
}

/** Somebody has typed the address: programs take JSON at least as gladly as HTML. */
function isBrowser({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && preferredType(headers.accept, [...answerTypes, 'text/html']) === 'text/html'
}
