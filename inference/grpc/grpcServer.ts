import type { Http2Server, ServerHttp2Session } from 'node:http2'
import { createServer, type Server as NetServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { listen } from '../../gateway/http/listen'
import type { Clock } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import type { ServerTls } from '../../lib/tls/serverTls'
import {
  type Grpc,
  loadGrpc,
  type Metadata,
  type Server,
  type ServerUnaryCall,
  type StatusObject,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '../../workers/protocol/grpc'
import { decodeInferRequest, type GrpcInferRequest } from '../../workers/protocol/inferRequest'
import { encodeInferResponse } from '../../workers/protocol/inferResponse'
import { codeTrailer, loadHeader } from '../../workers/protocol/trailers'
import type { ListenerOptions } from '../inferenceService'
import { ReadingTurns } from '../readingTurns'
import { refuseParameters } from '../repositoryControl'
import { RequestCaller } from '../requestCaller'
import { protocolError } from '../status'
import { HealthService } from './healthService'
import { boundMessages, clientOf } from './messageBytes'

export interface GrpcServer {
  readonly port: number
  /** Tells those who watch the health of the server, or of a model, that it has changed. */
  readinessChanged(): void
  /** Sends GOAWAY, finishes the calls in flight, and cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>
}

/** Serves the protocol over gRPC. Rejects with a ListenError if the address is not available. */
export async function startGrpcServer(options: ListenerOptions): Promise<GrpcServer> {
  const { host, maxBodyBytes, service, clock, tls } = options
  const grpc = loadGrpc()
  const server: Server = new grpc.library.Server({
    'grpc.max_receive_message_length': maxBodyBytes,
    'grpc.max_send_message_length': -1,
    // Clients that send pings to notice a dead server may do so.
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.max_concurrent_streams': mostCalls,
    interceptors: [
      boundMessages((error) => statusOf(grpc, error), clock),
      // Without it, the library begins a call whose deadline has passed when its end comes, and never tells that it is over.
      (_, call) => new grpc.library.ServerInterceptingCall(call),
    ],
  })
  server.addService(grpc.inference, handlers(grpc, options))
  const health = new HealthService(grpc, service)
  server.addService(grpc.health, health.handlers)
  const sessions = new Set<ServerHttp2Session>()
  const listener = listenerFor(grpc, server, sessions, tls)
  const { port } = await listen(listener, 'inferenceGrpc', { host, port: options.port })
  return {
    port,
    readinessChanged: () => health.tell(),
    async close(graceMs) {
      health.end()
      listener.close()
      const ends = [...sessions].map((session) => new Promise((resolve) => session.once('close', resolve)))
      // It sends GOAWAY, but may call back while calls still run: to Node 26 their sessions are closed by then.
      server.tryShutdown(() => {})
      await new Promise<void>((resolve) => {
        const cut = setTimeout(resolve, graceMs)
        void Promise.all(ends).then(() => {
          clearTimeout(cut)
          resolve()
        })
      })
      server.forceShutdown()
    },
  }
}

/** Of one connection at a time. Clients are told, and let further calls wait; by default they could have any number. */
const mostCalls = 100

/**
 * A listener of our own: its certificates can be renewed, its refusals be told, and its connections be read in turns,
 * which the library's does not offer.
 */
function listenerFor(
  { library }: Grpc,
  server: Server,
  sessions: Set<ServerHttp2Session>,
  tls: ServerTls | undefined,
): NetServer {
  const injector = server.createConnectionInjector(library.ServerCredentials.createInsecure())
  const { http2Servers } = server as unknown as Hidden
  const [http2Server] = http2Servers.keys()
  const turns = new ReadingTurns()
  const accept = (socket: Socket) => {
    // Told by the calls that end with it.
    socket.on('error', () => {})
    // Of the socket itself, which HTTP/2 hides.
    const follow = (session: ServerHttp2Session) => {
      sessions.add(session)
      session.once('close', () => sessions.delete(session))
      turns.follow(socket, session)
      session.on('stream', () => turns.work(socket))
      session.on('ping', () => turns.work(socket, costOfPing))
    }
    http2Server.once('session', follow)
    injector.injectConnection(socket)
    // A client that does not name HTTP/2 in its handshake gets none; the next session is of another client.
    http2Server.off('session', follow)
  }
  return tls
    ? tls.follow(createTlsServer({ ...tls.options, ALPNProtocols: ['h2'] }, accept))
    : createServer(accept)
}

/** In calls. */
const costOfPing = 1 / 100

/** What the library's server has beside what it documents. */
interface Hidden {
  readonly http2Servers: ReadonlyMap<Http2Server, unknown>
}

type Handler<Q, A> = (call: ServerUnaryCall<Q, A>, answer: sendUnaryData<A>) => void

function handlers(grpc: Grpc, options: ListenerOptions): UntypedServiceImplementation {
  const { service } = options
  /** Answers with what a function returns, resolves with or throws. */
  const answered = <Q>(run: (request: Q) => unknown): Handler<Q, unknown> => {
    return async (call, answer) => {
      try {
        answer(null, await run(call.request))
      } catch (error) {
        refuse(grpc, error, options, answer)
      }
    }
  }
  const changed = (change: (model: string) => Promise<void>) =>
    answered(async ({ model_name, parameters }: RepositoryRequest) => {
      refuseParameters(parameters)
      await change(model_name)
      return {}
    })
  return {
    ServerLive: answered(() => ({ live: true })),
    ServerReady: answered(() => ({ ready: service.isReady() })),
    ModelReady: answered(({ name, version }: NamedModel) => ({ ready: service.isModelReady(name, version) })),
    ServerMetadata: answered(() => service.server()),
    ModelMetadata: answered(({ name, version }: NamedModel) => service.metadata(name, version)),
    ModelStatistics: answered(({ name, version }: NamedModel) => ({
      model_stats: service.statistics(name, version),
    })),
    RepositoryIndex: (({ request: { ready } }, answer) => {
      answer(null, { models: service.repository.index(ready) }, loadTrailer(grpc, service))
    }) satisfies Handler<{ readonly ready: boolean }, unknown>,
    RepositoryModelLoad: changed((model) => service.repository.load(model)),
    RepositoryModelUnload: changed((model) => service.repository.unload(model)),
    ModelInfer: modelInfer(grpc, options),
  } as UntypedServiceImplementation
}

function loadTrailer({ library }: Grpc, { load }: ListenerOptions['service']): Metadata {
  const trailer = new library.Metadata()
  trailer.set(loadHeader, load.text)
  return trailer
}

interface RepositoryRequest {
  readonly model_name: string
  readonly parameters: Readonly<Record<string, unknown>>
}

interface NamedModel {
  readonly name: string
  readonly version: string
}

function modelInfer(grpc: Grpc, options: ListenerOptions): Handler<Buffer, Buffer> {
  const { service, inFlight, clock } = options
  return (call, answer) => {
    let request: GrpcInferRequest
    try {
      request = decodeInferRequest(call.request)
    } catch (error) {
      const reason = (error as Error).message
      return refuse(grpc, new PresageError('BAD_REQUEST', `request: ${reason}`), options, answer)
    }
    const caller = new RequestCaller(inFlight, clientOf(call.getPeer()))
    caller.asks(request)
    call.once('cancelled', () => caller.leave())
    service.infer(request, deadlineOf(call, clock), caller).then(
      (response) => {
        caller.ended()
        answer(null, encodeInferResponse(response, request.isRaw), loadTrailer(grpc, service))
      },
      (error: unknown) => {
        caller.ended()
        refuse(grpc, error, options, answer)
      },
    )
  }
}

/** In the clock's milliseconds. */
function deadlineOf(call: { getDeadline(): Date | number }, clock: Clock): number {
  const deadline = call.getDeadline()
  return clock.now() + (Number(deadline) - Date.now())
}

function refuse(
  grpc: Grpc,
  error: unknown,
  { log }: Pick<ListenerOptions, 'log'>,
  answer: sendUnaryData<never>,
): void {
  if (!(error instanceof PresageError)) log(`a request failed: ${(error as Error).stack ?? error}`)
  answer(statusOf(grpc, error))
}

function statusOf({ library }: Grpc, error: unknown): StatusObject {
  const { grpc, code, message } = protocolError(error)
  const metadata: Metadata = new library.Metadata()
  metadata.set(codeTrailer, code)
  return { code: library.status[grpc as keyof typeof library.status], details: message, metadata }
}
