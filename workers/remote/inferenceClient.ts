import type { TraceContext } from '../../lib/request/traceContext'
import type { ModelTensors, VerifiedContent } from '../protocol/metadata'
import type { InferRequest, InferResponse } from '../protocol/wireTensor'

/** The calls of the Open Inference Protocol to one address. Each rejects with a `CallError`. */
export interface InferenceClient {
  /** `deadline` is a time of the system's clock, in milliseconds. `reason` says more where it is known. */
  serverReady(deadline: number): Promise<{ readonly ready: boolean; readonly reason?: string }>
  serverMetadata(deadline: number): Promise<ServerMetadata>
  modelReady(model: string, version: string, deadline: number): Promise<{ readonly ready: boolean }>
  modelMetadata(model: string, version: string, deadline: number): Promise<ModelTensors>
  /** The versions of the server's repository, and its load; only with the extension `model_repository`. */
  index(deadline: number): Promise<ServerIndex>
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

/**
 * The most bytes of an answer by default. A server that sends without end, or compressed, must not take this process'
 * memory.
 */
export const mostAnswerBytes = 256 * 1024 * 1024

export interface ServerMetadata {
  /** `presage` for a Presage worker. */
  readonly name: string
  readonly version: string
  readonly extensions: readonly string[]
}

export interface ServerIndex {
  readonly versions: readonly IndexedVersion[]
  /** The load that the server tells of itself, as `readLoad` reads it. */
  readonly load: string | undefined
}

export interface IndexedVersion {
  readonly name: string
  readonly version: string
  /** `READY` if it is loaded. */
  readonly state: string
  /** Why it is not ready. */
  readonly reason: string
  /** Of a Presage worker: what it has loaded and found right, and serves if it is asked. */
  readonly verified?: VerifiedContent | null
}

export interface InferAnswer {
  readonly response: InferResponse
  /** The load that the server tells of itself, as `ServerLoad` reads it. */
  readonly load: string | undefined
}
