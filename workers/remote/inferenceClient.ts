import { type Client, loadGrpc, type ServiceError } from '../protocol/grpc'
import type { InferRequest, InferResponse } from '../protocol/wireTensor'

/** The calls of the Open Inference Protocol to one address over gRPC. Each rejects with a `ServiceError`. */
export interface InferenceClient {
  /** `deadline` is a time of the system's clock, in milliseconds. */
  serverReady(deadline: number): Promise<{ readonly ready: boolean }>
  serverMetadata(deadline: number): Promise<{ readonly name: string; readonly extensions: readonly string[] }>
  modelReady(model: string, version: string, deadline: number): Promise<{ readonly ready: boolean }>
  modelMetadata(model: string, version: string, deadline: number): Promise<RemoteMetadata>
  loadModel(model: string, deadline: number): Promise<unknown>
  infer(request: InferRequest, deadline: number): Promise<InferResponse>
  /** Calls in flight end with an error. */
  close(): void
}

export interface RemoteMetadata {
  readonly inputs: readonly RemoteTensor[]
  readonly outputs: readonly RemoteTensor[]
}

export interface RemoteTensor {
  readonly name: string
  readonly datatype: string
  /** -1: any size. */
  readonly shape: readonly number[]
}

/** Connects to `address`, `host:port`, when it is first called. */
export function createInferenceClient(address: string): InferenceClient {
  const { library, inference } = loadGrpc()
  const Service = library.makeGenericClientConstructor(inference, 'GRPCInferenceService')
  const client: Client = new Service(address, library.credentials.createInsecure(), {
    // The connection is this client's own, and ends with it.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    // Runs are repeated elsewhere, by our own rules.
    'grpc.enable_retries': 0,
    'grpc.enable_http_proxy': 0,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2_000,
    'grpc-node.flow_control_window': responseWindowBytes,
  })
  const call = <A>(name: string, request: object, deadline: number): Promise<A> => {
    const { path, requestSerialize, responseDeserialize } = inference[name]
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        { deadline },
        (error: ServiceError | null, answer?: A) => {
          if (error === null) resolve(answer as A)
          else reject(error)
        },
      )
    })
  }
  return {
    serverReady: (deadline) => call('ServerReady', {}, deadline),
    serverMetadata: (deadline) => call('ServerMetadata', {}, deadline),
    modelReady: (name, version, deadline) => call('ModelReady', { name, version }, deadline),
    modelMetadata: (name, version, deadline) => call('ModelMetadata', { name, version }, deadline),
    loadModel: (name, deadline) => call('RepositoryModelLoad', { model_name: name }, deadline),
    infer: (request, deadline) => call('ModelInfer', request, deadline),
    close: () => client.close(),
  }
}

/** Large answers would otherwise wait for a round trip after each 64 KiB. */
const responseWindowBytes = 1 << 20
