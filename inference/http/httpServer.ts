import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { listen } from '../../gateway/http/listen'
import { bodyMemory, readBody } from '../../gateway/http/requestBody'
import { createTimedServer, HttpDrain } from '../../gateway/http/timedServer'
import { Deadlines, type Expirable } from '../../lib/clock'
import { PresageError, show } from '../../lib/errors'
import { isMap } from '../../lib/isMap'
import { exactJsonOf, parseExactJson } from '../../workers/protocol/json/exactJson'
import { codeTrailer, jsonLengthHeader, loadHeader } from '../../workers/protocol/trailers'
import type { InferRequest } from '../../workers/protocol/wireTensor'
import type { ListenerOptions } from '../inferenceService'
import { ReadingTurns } from '../readingTurns'
import { refuseParameters } from '../repositoryControl'
import { RequestCaller } from '../requestCaller'
import { sendTimeoutMs } from '../sendTimeout'
import { protocolError } from '../status'
import { bad } from '../views/checkRequest'
import { readHttpRequest, writeHttpAnswer } from './httpInfer'

/** Answers a GET of a page that is not part of the protocol. */
export type Page = (message: IncomingMessage, response: ServerResponse) => Promise<void>

export interface HttpServerOptions extends ListenerOptions {
  /** Further pages, by path. */
  readonly pages: ReadonlyMap<string, Page>
}

export interface InferenceHttpServer {
  /** Without a path. */
  readonly url: string
  readonly port: number
  /** Finishes the requests in flight, and cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>
}

/** Serves the protocol over HTTP. Rejects with a ListenError if the address is not available. */
export async function startInferenceHttp(options: HttpServerOptions): Promise<InferenceHttpServer> {
  const { host, port, pages, tls, clock } = options
  const drain = new HttpDrain()
  const turns = new ReadingTurns()
  const unread = new Deadlines<Expirable>(clock)
  const server = createTimedServer(
    sendTimeoutMs,
    (message, response, queued) => {
      turns.work(message.socket)
      drain.enter(response)
      // From when the connection has all of its answer.
      response.once('prefinish', () => {
        const dueAt = clock.now() + sendTimeoutMs
        const place = unread.add({ dueAt, expire: () => response.destroy() })
        response.once('close', () => unread.remove(place))
      })
      if (queued > mostQueued) return refuse(tooManyQueued, response, options)
      const [path] = (message.url ?? '/').split('?', 1)
      const page = pages.get(path)
      const answered = page === undefined ? answer(path, message, response, options) : page(message, response)
      answered.catch((error: unknown) => refuse(error, response, options))
    },
    tls,
  )
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    drain.follow(socket)
    turns.follow(socket, socket)
  })
  const { url, port: bound } = await listen(server, 'inference', { host, port })
  return {
    url: tls ? url.replace(/^http:/, 'https:') : url,
    port: bound,
    close: (graceMs) => drain.close(server, graceMs),
  }
}

/** Of one connection, requests that wait for the answers to those before them. */
const mostQueued = 100
const tooManyQueued = new PresageError(
  'OVERLOADED',
  `at most ${mostQueued} requests of a connection may wait for the answers to those before them`,
)

const modelPath = /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/(ready|infer|stats))?$/

async function answer(
  path: string,
  message: IncomingMessage,
  response: ServerResponse,
  options: HttpServerOptions,
): Promise<void> {
  const { service } = options
  // Otherwise any page could have its reader's browser unload models, or run them.
  if (message.headers.origin !== undefined)
    throw new PresageError('FORBIDDEN', 'origin: must be absent, since pages of browsers are not served')
  const at = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  const [, model, version = '', action] = modelPath.exec(at) ?? []
  if (action === 'infer') {
    requireMethod(message, 'POST')
    return infer(nameIn(model), nameIn(version), message, response, options)
  }
  const [, unloaded, verb] = repositoryPath.exec(at) ?? []
  if (at === '/v2/repository/index' || verb !== undefined) {
    requireMethod(message, 'POST')
    return changeRepository(unloaded && nameIn(unloaded), verb, message, response, options)
  }
  if (at === '/v2/models/stats') {
    requireMethod(message, 'GET')
    return sendJson(response, 200, { model_stats: service.statistics('', '') })
  }
  const known = at === '/v2' || at === '/v2/health/live' || at === '/v2/health/ready' || model !== undefined
  if (!known)
    throw new PresageError('MODEL_NOT_FOUND', `path: must be one of the protocol, got ${show(path)}`)
  requireMethod(message, 'GET')
  if (at === '/v2') return sendJson(response, 200, service.server())
  if (at === '/v2/health/live') return sendJson(response, 200, { live: true })
  if (at === '/v2/health/ready') {
    const ready = service.isReady()
    return sendJson(response, ready ? 200 : 503, { ready })
  }
  if (action === 'stats')
    return sendJson(response, 200, { model_stats: service.statistics(nameIn(model), nameIn(version)) })
  if (action === undefined)
    return sendJson(response, 200, await service.metadata(nameIn(model), nameIn(version)))
  const ready = service.isModelReady(nameIn(model), nameIn(version))
  return sendJson(response, ready ? 200 : 503, { name: nameIn(model), ready })
}

const repositoryPath = /^\/v2\/repository\/models\/([^/]+)\/(load|unload)$/

/** Tells the index if no model is named. */
async function changeRepository(
  model: string | undefined,
  verb: string | undefined,
  message: IncomingMessage,
  response: ServerResponse,
  { service: { repository, load }, maxBodyBytes }: HttpServerOptions,
): Promise<void> {
  const held = bodyMemory.open(message.socket.remoteAddress ?? '')
  const body = await readBody(message, maxBodyBytes, held)
  held.release()
  const asked = body.length === 0 ? {} : parseExactJson(body)
  if (!isMap(asked)) throw bad(`body: must be an object, got ${show(asked)}`)
  if (model === undefined) {
    const ready = asked['ready'] ?? false
    if (typeof ready !== 'boolean') throw bad(`ready: must be true or false, got ${show(ready)}`)
    response.setHeader(loadHeader, load.text)
    return sendJson(response, 200, repository.index(ready))
  }
  const parameters = asked['parameters'] ?? {}
  if (!isMap(parameters)) throw bad(`parameters: must be an object, got ${show(parameters)}`)
  refuseParameters(parameters)
  await (verb === 'load' ? repository.load(model) : repository.unload(model))
  sendJson(response, 200, {})
}

async function infer(
  model: string,
  version: string,
  message: IncomingMessage,
  response: ServerResponse,
  { service, inFlight, maxBodyBytes, clock }: HttpServerOptions,
): Promise<void> {
  const { headers, socket } = message
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity')
    throw new PresageError('NOT_SUPPORTED', `content-encoding: must be absent, got ${show(encoding)}`)
  const caller = new RequestCaller(inFlight, socket.remoteAddress ?? '')
  response.once('close', () => {
    if (!response.writableFinished) caller.leave()
    caller.ended()
  })
  const arrived = clock.now()
  const held = bodyMemory.open(caller.client)
  const body = await readBody(message, maxBodyBytes, held)
  held.release()
  const request: InferRequest = readHttpRequest(model, version, body, jsonLength(headers, body))
  caller.asks(request)
  const timeoutMs = Number(request.parameters['timeout'] ?? 0) / 1000
  const deadline = timeoutMs > 0 ? arrived + timeoutMs : Number.POSITIVE_INFINITY
  const { contentType, jsonBytes, pieces } = writeHttpAnswer(
    request,
    await service.infer(request, deadline, caller),
  )
  if (response.destroyed) return
  const length = pieces.reduce((sum, piece) => sum + piece.byteLength, 0)
  response.writeHead(200, {
    'content-type': contentType,
    'content-length': length,
    [loadHeader]: service.load.text,
    ...(jsonBytes !== undefined && { [jsonLengthHeader]: jsonBytes }),
  })
  for (const piece of pieces) response.write(piece)
  response.end()
}

/** How long the JSON is, if binary data may follow. */
function jsonLength(headers: IncomingMessage['headers'], body: Buffer): number | undefined {
  const header = headers[jsonLengthHeader]
  if (header === undefined) return undefined
  const length = Number(header)
  if (!Number.isSafeInteger(length) || length < 0 || length > body.length)
    throw new PresageError(
      'BAD_REQUEST',
      `${jsonLengthHeader}: must be from 0 to the ${body.length} bytes of the body, got ${show(header)}`,
    )
  return length
}

/** HEAD is GET whose answer Node sends without its body. Throws a WrongMethod. */
function requireMethod({ method }: IncomingMessage, expected: 'GET' | 'POST'): void {
  if (method !== expected && !(expected === 'GET' && method === 'HEAD'))
    throw new WrongMethod(expected === 'GET' ? 'GET, HEAD' : expected, expected, method)
}

/** Answered with 405. */
class WrongMethod extends PresageError {
  constructor(
    /** As the header `allow` has it. */
    readonly allowed: string,
    expected: string,
    got: string | undefined,
  ) {
    super('BAD_REQUEST', `method: must be ${expected} for this path, got ${got}`)
  }
}

function nameIn(piece: string): string {
  try {
    return decodeURIComponent(piece)
  } catch {
    throw new PresageError('BAD_REQUEST', `path: must be percent-encoded UTF-8, got ${show(piece)}`)
  }
}

function refuse(error: unknown, response: ServerResponse, { log }: HttpServerOptions): void {
  const { http, code, message } = protocolError(error)
  if (code === 'INTERNAL') log(`a request failed: ${(error as Error).stack ?? error}`)
  if (response.destroyed || response.headersSent) return
  // The rest of a body that is not read would be taken for the next request.
  if (code === 'BODY_TOO_LARGE') response.setHeader('connection', 'close')
  response.setHeader(codeTrailer, code)
  const isWrongMethod = error instanceof WrongMethod
  if (isWrongMethod) response.setHeader('allow', error.allowed)
  sendJson(response, isWrongMethod ? 405 : http, { error: message })
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(exactJsonOf(value))
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
}
