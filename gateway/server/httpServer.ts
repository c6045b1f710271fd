import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../lib/clock'
import { PresageError, show } from '../../lib/errors'
import { createErrorLog, type Log } from '../../lib/log'
import { fairShares } from '../../lib/request/caller'
import {
  type AdminPagesOptions,
  createAdminPages,
  createProbePages,
  type Readiness,
} from '../admin/adminPages'
import { type AdminServer, startAdminServer } from '../admin/adminServer'
import { isLocalClient } from '../admin/localClient'
import { createRunView, type View } from '../admin/view'
import type { ApolloOptions } from '../apollo/apolloServer'
import { startOperationServer } from '../apollo/operationServer'
import { createDocumentResolver, type TrustedDocuments } from '../apollo/trustedDocuments'
import { callsHeader, callsType } from '../graphql/callFrames'
import { type Action, createRunAction } from '../http/action'
import { answerTypes } from '../http/answerStatus'
import { createCors, headWithoutOrigin } from '../http/cors'
import { type ListenAddress, listen } from '../http/listen'
import { preferredType } from '../http/mediaType'
import { createRequestReport } from '../http/requestReport'
import { sendErrors, sendNoSuchPath, sendRefusal } from '../http/sendAnswer'
import { createTimedServer, HttpDrain } from '../http/timedServer'
import { createRequestReader, type RequestReaderOptions, requestIdHeader } from '../identity/requestReader'
import { addressOf } from '../identity/trustedProxies'
import { OverloadHandler } from '../overload/overloadHandler'
import { RequestRates } from '../overload/requestRates'
import { createConsolePage } from '../pages/consolePage'
import { exampleQuery } from '../pages/exampleQuery'
import { createIdePage } from '../pages/idePage'
import { type KeptPage, sendPage } from '../pages/page'
import { createSandboxPage } from '../pages/sandboxPage'
import { CallBatch } from './callBatch'
import { type GraphqlEndpoint, GraphqlExchange } from './graphqlExchange'

export type HttpServerOptions = Pick<ApolloOptions, 'gateway'> & HttpSettings

export interface HttpSettings
  extends Omit<ApolloOptions, 'gateway'>,
    Omit<RequestReaderOptions, 'onUnverified'>,
    Pick<AdminPagesOptions, 'metricsText' | 'readiness'>,
    ListenAddress {
  readonly maxBodyBytes: number
  /** The most requests to /graphql that one client may send in a second; default: any number. */
  readonly requestsPerSecond?: number | undefined
  /** Whether other people's gateways are its clients, which have to pass the context on. */
  readonly isBehindGateways?: boolean
  /** Documents that clients may name instead of sending them; default none. */
  readonly trustedDocuments?: TrustedDocuments
  readonly clock: Clock
  /** How long the process has been idle so far, in milliseconds. Default: the idle time of Node and the workers. */
  readonly idleMs?: () => number
  /** Actions for clients of the graph, by path; default none. */
  readonly actions?: ReadonlyMap<string, Action>
  /** Actions for operators, by path; default none. */
  readonly adminActions?: ReadonlyMap<string, Action>
  /** Views for viewers, and for this machine where operators' pages are on the graph's port, by path; default none. */
  readonly views?: ReadonlyMap<string, View>
  /** A separate listener for operators. By default their pages are on the graph's port, for this machine only. */
  readonly admin?: ListenAddress
  readonly log: Log
  /** Whether to serve an IDE at / and /sandbox. */
  readonly ide: boolean
  /** Whether to serve the console at /console. */
  readonly console: boolean
  /** How long a client may take to send a request, and to read a long answer: default 30 s, then it is cut off. */
  readonly sendTimeoutMs?: number
  /** How long `close` waits for requests in flight. */
  readonly closeGraceMs: number
}

export interface HttpServer {
  /** Without a path, such as `http://127.0.0.1:4000`. */
  readonly url: string
  readonly port: number
  /** The URL of the separate listener for operators, if there is one. */
  readonly adminUrl: string | undefined
  /** Settles when the requests that are in flight now have ended. */
  ended(): Promise<void>
  /** Makes the server unready, finishes the requests in flight, then closes. */
  close(): Promise<void>
}

/**
 * Serves a graph at /graphql; with `ide`, an IDE at / and /sandbox; with `console`, the console at /console; /health/live and /health/ready for probes; and the
 * operators' pages, here or on their own listener. Rejects with a ListenError, and then nothing listens.
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { clock, log, trust, maxOperations, trustedDocuments, corsOrigins } = options
  const logError = createErrorLog(log, clock)
  const report = createRequestReport(log, options.metrics)
  const operations = await startOperationServer(options, log, logError)

  const readRequest = createRequestReader({
    ...options,
    onUnverified: (problem) => log.write('warn', problem),
    onMissingContext: options.isBehindGateways ? (problem) => log.write('warn', problem) : undefined,
  })
  const resolveDocument = trustedDocuments && createDocumentResolver(trustedDocuments)
  const cors = createCors(corsOrigins, (origin) =>
    log.write(
      'warn',
      `blocked a request from a page of ${show(origin)}; server.cors.origins lists the allowed origins`,
    ),
  )
  const plainHead = headWithoutOrigin(corsOrigins)
  const { idleMs, defaultTimeoutMs } = options
  const drain = new HttpDrain()
  const addressOfPeer = (message: IncomingMessage) =>
    addressOf(message.socket.remoteAddress ?? '', message.headers['x-forwarded-for'], trust.isTrustedProxy)
  const overload = new OverloadHandler({
    addressOf: addressOfPeer,
    clock,
    idleMs,
    defaultTimeoutMs,
    drain,
    cors,
    plainHead,
    report,
  })
  const { requestsPerSecond } = options
  const pages = createPages(options)
  // Those who serve a subgraph: gateways of ours call them.
  const takesCalls = options.gateway.entityColumns !== undefined
  const { sendTimeoutMs = 30_000 } = options
  const server = createTimedServer(sendTimeoutMs, receive)
  server.on('connection', (socket) => drain.follow(socket))
  let isListening = false
  const readiness = () => {
    if (drain.isDraining) return shuttingDown
    return isListening ? options.readiness() : starting
  }
  const runAction = createRunAction({ clock, readRequest, maxBodyBytes: options.maxBodyBytes })
  const { metricsText, adminActions: actions = new Map<string, Action>() } = options
  const maySeeAdminPages = (message: IncomingMessage) => options.admin === undefined && isLocalClient(message)
  const runView = createRunView({ clock, readRequest, mayAll: maySeeAdminPages })
  const adminPages = createAdminPages({ metricsText, readiness, actions, runAction })
  const probePages = createProbePages(() => readiness().ready)

  const graphqlEndpoint: GraphqlEndpoint = {
    clock,
    overload,
    rates:
      requestsPerSecond === undefined
        ? undefined
        : new RequestRates({ perSecond: requestsPerSecond, weightOf: fairShares.weightOf, clock }),
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

  /** The head of a request has come. `queued` is as for `OverloadHandler.admits`. */
  function receive(message: IncomingMessage, response: ServerResponse, queued: number): void {
    if (!overload.admits(message, response, queued)) return
    drain.enter(response)
    try {
      const [path, search = ''] = splitUrl(message.url ?? '/')
      const { headers } = message
      if (path !== '/graphql') route(path, message, response).catch((error) => failed(error, response))
      else if (takesCalls && headers['content-type'] === callsType)
        new CallBatch(graphqlEndpoint, message, response).begin()
      else if (!isAnswered(message, response, search)) {
        const plain = headers.origin === undefined ? plainHead : []
        const head =
          message.method === 'GET'
            ? [...plain, ...uncached]
            : takesCalls && headers[callsHeader] === '1'
              ? [...plain, callsHeader, '1']
              : plain
        new GraphqlExchange(graphqlEndpoint, message, response, search, head).begin()
      }
    } catch (error) {
      failed(error, response)
    }
  }

  function failed(error: unknown, response: ServerResponse, requestId?: string): void {
    logError(error, { requestId: requestId ?? response.getHeader(requestIdHeader) })
    if (response.headersSent) response.destroy()
    else
      sendErrors(response, 500, [
        { message: 'Internal error', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
      ])
  }

  /** Answers CORS preflights, and a browser that opens the page. Returns whether it did. */
  function isAnswered(message: IncomingMessage, response: ServerResponse, search: string): boolean {
    const { method, headers } = message
    if ((headers.origin !== undefined || method === 'OPTIONS') && cors(message, response)) return true
    if (!pages.has('/') || !isBrowser(message)) return false
    // Relative, since a proxy may serve it below a path of its own.
    response.writeHead(302, { location: `./${search}`, vary: 'accept' }).end()
    return true
  }

  async function route(path: string, message: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = pages.get(path)
    if (page !== undefined) return sendPage(message, response, page)
    const adminPage = adminPages.get(path)
    const isServed = adminPage !== undefined && maySeeAdminPages(message)
    const answer = isServed ? adminPage : probePages.get(path)
    if (answer !== undefined) return answer(message, response)
    const action = options.actions?.get(path)
    if (action !== undefined) return runAction(message, response, action)
    const view = options.views?.get(path)
    if (view !== undefined) return runView(message, response, view)
    if (adminPage === undefined) return sendNoSuchPath(response, path, '; the graph is at /graphql')
    if (options.admin === undefined)
      return sendRefusal(message, response, new PresageError('FORBIDDEN', `${path}: ${forLocal}`))
    return sendNoSuchPath(response, path, ', which is at the address of server.admin')
  }

  let admin: AdminServer | undefined
  if (options.admin !== undefined) {
    const address = options.admin
    // First, so that nothing has to be awaited once clients of the graph come.
    admin = await startAdminServer({ address, pages: adminPages, sendTimeoutMs, fail: failed })
  }
  const { url, port } = await listen(server, 'graph', options).catch(async (error: unknown) => {
    await admin?.close(0)
    throw error
  })
  isListening = true
  return {
    url,
    port,
    adminUrl: admin?.url,
    ended: () => drain.ended(),
    async close() {
      const { closeGraceMs } = options
      const begun = performance.now()
      const drained = drain.close(server, closeGraceMs)
      overload.drain()
      await drained
      // Until now operators could watch the drain.
      await admin?.close(Math.max(0, closeGraceMs - (performance.now() - begun)))
      await operations.stop()
    },
  }
}

/** Answers depend on who asks, so a cache that clients share must not keep those that it could. */
const uncached = ['cache-control', 'no-store']
const shuttingDown: Readiness = { ready: false, reasons: ['shutting down'] }
const starting: Readiness = { ready: false, reasons: ['starting'] }
const forLocal =
  'is only for clients on this machine that connect directly, by a loopback name or address; server.admin in the configuration gives it an address for others'

function createPages({
  gateway,
  introspection,
  ide,
  console,
}: HttpServerOptions): ReadonlyMap<string, KeptPage> {
  const pages = new Map<string, KeptPage>()
  // Where the schema is not shown, the page does not show a part of it.
  const readQuery = () => (introspection && exampleQuery(gateway)) || plainQuery
  if (ide) pages.set('/', createIdePage(readQuery)).set('/sandbox', createSandboxPage())
  if (console) pages.set('/console', createConsolePage(ide))
  return pages
}

/** Where no prediction can be asked for without knowing more. */
const plainQuery = 'query Graph {\n  __typename\n}\n'

function splitUrl(url: string): [path: string, search?: string] {
  const mark = url.indexOf('?')
  return mark === -1 ? [url] : [url.slice(0, mark), url.slice(mark)]
}

/** Whether a person opened the address in a browser. Programs accept JSON at least as gladly as HTML. */
function isBrowser({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && preferredType(headers.accept, [...answerTypes, 'text/html']) === 'text/html'
}
