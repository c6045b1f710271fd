import type { TraceContext } from '../../lib/request/traceContext'
import type { ClientTls } from '../../lib/tls/clientTls'
import { type Client, loadGrpc, type Metadata, type ServiceError } from '../protocol/grpc'
import { codeTrailer, loadHeader } from '../protocol/trailers'
import type { InferResponse } from '../protocol/wireTensor'
import { CallError, codeIn } from './callError'
import { secureCredentials } from './connection/grpcCredentials'
import { type IndexedVersion, type InferenceClient, mostAnswerBytes } from './inferenceClient'

/** Speaks the protocol over gRPC to `address`, `host:port`. */
export function createGrpcClient(address: string, tls?: ClientTls): InferenceClient {
  const { library, inference } = loadGrpc()
  const Service = library.makeGenericClientConstructor(inference, 'GRPCInferenceService')
  const secure = tls && secureCredentials(library, address, tls)
  const client: Client = new Service(address, secure?.credentials ?? library.credentials.createInsecure(), {
    ...secure?.options,
    // The connection is this client's own, and ends with it.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_receive_message_length': mostAnswerBytes,
    'grpc.max_send_message_length': -1,
    // Runs are repeated elsewhere, by our own rules.
    'grpc.enable_retries': 0,
    'grpc.enable_http_proxy': 0,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2_000,
    'grpc-node.flow_control_window': responseWindowBytes,
  })
  let isClosed = false
  function metadataOf(trace: TraceContext | undefined): Metadata {
    const metadata = new library.Metadata()
    if (trace !== undefined) for (const [name, value] of Object.entries(trace)) metadata.set(name, value)
    return metadata
  }

  /** The answer comes before the trailers, in one turn of the event loop with them. */
  const withLoad = <A>(
    name: string,
    request: object,
    deadline: number,
    trace?: TraceContext,
    signal?: AbortSignal,
  ): Promise<{ readonly response: A; readonly load: string | undefined }> => {
    const { path, requestSerialize, responseDeserialize } = inference[name]
    return new Promise((resolve, reject) => {
      let response: A
      const call = client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadataOf(trace),
        { deadline },
        (error: ServiceError | null, answer?: A) => {
          signal?.removeEventListener('abort', cancel)
          if (error === null) response = answer as A
          else reject(callErrorOf(error, secure?.problem()))
        },
      )
      call.on('status', ({ metadata }) =>
        resolve({ response, load: metadata.get(loadHeader)[0]?.toString() }),
      )
      const cancel = () => call.cancel()
      if (signal?.aborted) cancel()
      else signal?.addEventListener('abort', cancel)
    })
  }
  const call = async <A>(name: string, request: object, deadline: number): Promise<A> =>
    (await withLoad<A>(name, request, deadline)).response
  return {
    serverReady: (deadline) => call('ServerReady', {}, deadline),
    serverMetadata: (deadline) => call('ServerMetadata', {}, deadline),
    modelReady: (name, version, deadline) => call('ModelReady', { name, version }, deadline),
    modelMetadata: (name, version, deadline) => call('ModelMetadata', { name, version }, deadline),
    loadModel: (name, deadline) => call('RepositoryModelLoad', { model_name: name }, deadline),
    async index(deadline) {
      const { response, load } = await withLoad<{ models: readonly IndexedVersion[] }>(
        'RepositoryIndex',
        {},
        deadline,
      )
      return { versions: response.models, load }
    },
    infer: (request, deadline, trace, signal) =>
      withLoad<InferResponse>('ModelInfer', request, deadline, trace, signal),
    watch(ended) {
      const channel = client.getChannel()
      const { READY } = library.connectivityState
      // A connection ends also by GOAWAY, and the channel would open another one by itself.
      const look = () => {
        if (!isClosed) ended('its connection ended')
      }
      if (channel.getConnectivityState(false) === READY)
        channel.watchConnectivityState(READY, Number.POSITIVE_INFINITY, look)
      else look()
    },
    close() {
      isClosed = true
      client.close()
    },
  }
}

/** Large answers would otherwise wait for a round trip after each 64 KiB. */
const responseWindowBytes = 1 << 20

function callErrorOf({ code, details, metadata }: ServiceError, tlsProblem: string | undefined): CallError {
  const wasSent = !/^No connection established/.test(details)
  // Otherwise no connection was opened, and the problem is one of an earlier time.
  const isOfTls = !wasSent && !/Last error: (Error: )?(connect|getaddrinfo) /.test(details)
  const message = (isOfTls && tlsProblem) || reasonIn(details)
  return new CallError(code, message, codeIn(metadata?.get(codeTrailer)[0]), wasSent)
}

/** The reason, without what the library says around it. */
function reasonIn(details: string): string {
  const around =
    /^No connection established\. Last error: (?:Error: )?(.*?)(?: \(\d{4}-[^)]*Z\))?\. Resolution note: /s
  const reason = around.exec(details)?.[1]
  return reason === 'null' ? 'no connection could be opened' : (reason ?? details)
}
