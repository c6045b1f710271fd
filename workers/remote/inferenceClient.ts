import type { TraceContext } from '../../lib/request/traceContext'
import type { InferRequest, InferResponse } from '../protocol/wireTensor'

/** The calls of the Open Inference Protocol to one address. Each rejects with a `CallError`. */
export interface InferenceClient {
  /** `deadline` is a time of the system's clock, in milliseconds. */
  serverReady(deadline: number): Promise<{ readonly ready: boolean }>
  serverMetadata(deadline: number): Promise<ServerMetadata>
  modelReady(model: string, version: string, deadline: number): Promise<{ readonly ready: boolean }>
  modelMetadata(model: string, version: string, deadline: number): Promise<RemoteMetadata>
  loadModel(model: string, deadline: number): Promise<unknown>
  /** `trace` goes along, for the spans of the server. The call is cancelled when `signal` aborts. */
  infer(
    request: InferRequest,
    deadline: number,
    trace?: TraceContext,
    signal?: AbortSignal,
  ): Promise<InferAnswer>
  /**
   * Calls back once, with the reason, if the server ends a connection that is in use. Then it stops or has begun anew,
   * even if it can be reached again at once. Not called after `close`. Call it when the server has answered something.
   */
  watch(ended: (reason: string) => void): void
  /** Calls in flight end with an error. */
  close(): void
}

export interface ServerMetadata {
  /** `presage` for a Presage worker. */
  readonly name: string
  readonly version: string
  readonly extensions: readonly string[]
}

export interface InferAnswer {
  readonly response: InferResponse
  /** The load that the server tells of itself, as `ServerLoad` reads it. */
  readonly load: string | undefined
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
