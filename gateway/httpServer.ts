import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ApolloServer, HeaderMap } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default'
import { type Clock, systemClock } from '../lib/clock'
import { errorTable, PresageError } from '../lib/errors'
import { invariant } from '../lib/invariant'
import { createErrorLog } from './errorLog'
import { createErrorFormatter } from './formatError'
import { HttpDrain } from './httpDrain'
import { extensionsOf } from './locatedError'
import type { GatewayContext, PresageGateway } from './presageGateway'
import { readJsonBody, UnsupportedBody } from './requestBody'
import { type ContextHeader, compileContext, readClientRequest } from './requestContext'

export interface HttpServerOptions {
  readonly gateway: PresageGateway
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Where each key of the request's context comes from. */
  readonly context: ReadonlyMap<string, ContextHeader>
  /** The longest that a request may take; a client may ask for less with `x-presage-timeout-ms`. */
  readonly defaultTimeoutMs: number
  readonly maxBodyBytes: number
  readonly clock?: Clock
  /** In Prometheus' text form. */
  metricsText(): Promise<string>
  readiness(): { readonly ready: boolean; readonly reasons: readonly string[] }
  /** Called once for each request to /graphql, when its answer has been sent or its client has gone. */
  onRequest?(outcome: {
    readonly status: number
    readonly durationMs: number
    readonly aborted: boolean
  }): void
  /** Whether clients may ask about the schema. */
  readonly introspection: boolean
  /** How long `close` waits for what is in flight; default 10 s. */
  readonly closeGraceMs?: number
}

export interface HttpServer {
  /** Without a path, such as `http://127.0.0.1:4000`. */
  readonly url: string
  readonly port: number
  /** Not ready from now on; finishes what is in flight, then ends. */
  close(): Promise<void>
}

/** Serves the supergraph at /graphql, and /health/live, /health/ready and /metrics beside it. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const clock = options.clock ?? systemClock
  const log = createErrorLog((text) => process.stderr.write(text), clock)
  const apollo = createApolloServer(options, log)
  await apollo.start()

  const readContext = compileContext(options.context)
  const server = createServer((message, response) => {
    drain.track(response)
    route(message, response).catch((error) => {
      log(error)
      if (response.headersSent) response.destroy()
      else
        sendErrors(response, 500, [
          { message: 'Internal error', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
        ])
    })
  })
  // Slow senders: a whole request must be in within half a minute.
  server.requestTimeout = 30_000
  // Above the idle time of the usual load balancers (60 s), so that they end connections and not we under their feet.
  server.keepAliveTimeout = 65_000
  server.headersTimeout = 66_000
  const drain = new HttpDrain(server)

  async function route(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path, search = ''] = splitUrl(message.url ?? '/')
    switch (path) {
      case '/graphql':
        return graphql(message, response, search)
      case '/':
        response.writeHead(302, { location: '/graphql' }).end()
        return
      case '/health/live':
        return sendJson(response, 200, { live: true })
      case '/health/ready': {
        const { ready, reasons } = drain.isDraining
          ? { ready: false, reasons: ['shutting down'] }
          : options.readiness()
        return sendJson(response, ready ? 200 : 503, { ready, reasons })
      }
      case '/metrics':
        return send(response, 200, 'text/plain; version=0.0.4; charset=utf-8', await options.metricsText())
      default:
        return sendErrors(response, 404, [{ message: `no such path: ${path}` }])
    }
  }

  async function graphql(message: IncomingMessage, response: ServerResponse, search: string): Promise<void> {
    const arrival = clock.now()
    const abort = new AbortController()
    response.once('close', () => {
      if (!response.writableFinished) abort.abort()
      options.onRequest?.({
        status: response.statusCode,
        durationMs: clock.now() - arrival,
        aborted: abort.signal.aborted,
      })
    })
    try {
      const { headers } = message
      const context = readContext(headers)
      const request = readClientRequest(headers, arrival, options.defaultTimeoutMs, context, abort.signal)
      const body = message.method === 'POST' ? await readJsonBody(message, options.maxBodyBytes) : undefined
      const answer = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method: message.method ?? 'GET', headers: headerMap(headers), search, body },
        context: async () => ({ request }),
      })
      invariant(answer.body.kind === 'complete', 'an answer in parts, which nobody can have asked for')
      if (response.destroyed) return
      for (const [name, value] of answer.headers) response.setHeader(name, value)
      send(response, answer.status ?? 200, undefined, answer.body.string)
    } catch (error) {
      if (!(error instanceof PresageError)) throw error
      refuse(response, error)
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
      await apollo.stop()
    },
  }
}

function createApolloServer(
  options: HttpServerOptions,
  log: (error: unknown) => void,
): ApolloServer<GatewayContext> {
  return new ApolloServer<GatewayContext>({
    gateway: options.gateway,
    validationRules: [...options.gateway.validationRules],
    introspection: options.introspection,
    formatError: createErrorFormatter(log),
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    // Validation compares fields of the same name pair by pair: without a bound, one small body can take seconds.
    parseOptions: { maxTokens: 20_000 },
    logger: { debug() {}, info() {}, warn: writeLine, error: writeLine },
    plugins: [
      ApolloServerPluginLandingPageLocalDefault({ embed: true, footer: false }),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  })
}

function writeLine(message: unknown): void {
  process.stderr.write(`gateway: ${message}\n`)
}

function splitUrl(url: string): [path: string, search?: string] {
  const mark = url.indexOf('?')
  return mark === -1 ? [url] : [url.slice(0, mark), url.slice(mark)]
}

function headerMap(headers: IncomingMessage['headers']): HeaderMap {
  const map = new HeaderMap()
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  return map
}

function refuse(response: ServerResponse, error: PresageError): void {
  if (response.destroyed) return
  const status = error instanceof UnsupportedBody ? 415 : errorTable[error.code].http
  sendErrors(response, status, [{ message: error.message, extensions: extensionsOf(error) }])
}

function sendErrors(response: ServerResponse, status: number, errors: readonly object[]): void {
  sendJson(response, status, { errors })
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(value))
}

function send(response: ServerResponse, status: number, contentType: string | undefined, text: string): void {
  if (contentType !== undefined) response.setHeader('content-type', contentType)
  response.setHeader('content-length', Buffer.byteLength(text))
  response.writeHead(status).end(text)
}
