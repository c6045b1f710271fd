import type { Event } from '../lib/events'
import type { GraphSignature, Tensors } from '../models/tensor'

/** What a worker answers to one batch. */
export interface Inference {
  readonly tensors: Tensors
  /** Time inside the runtime, in milliseconds. */
  readonly computeMs: number
}

/**
 * Tensors in, tensors out. A thread or a process here, later also inline or a server elsewhere; nobody above the pool
 * knows which. One contract suite runs against every kind.
 */
export interface Worker {
  readonly id: string
  readonly kind: string
  /** Creates the session of a version from its graph file, and tells the graph's signature. Rejects with a sentence if the runtime refuses it. */
  load(key: string, graphPath: string): Promise<GraphSignature>
  /**
   * Runs one batch. The tensors' buffers are moved: empty afterwards. Rejects with `INFERENCE_FAILED` if the runtime
   * refused the batch, with `WORKER_LOST` if the worker died over it.
   */
  infer(key: string, tensors: Tensors): Promise<Inference>
  /** Fires once, when the worker died by itself; its pending calls have been rejected by then. */
  readonly lost: Event<string>
  /** Waits for what is running, then ends the worker. Never ends a busy thread (the runtime would abort the process). */
  dispose(): Promise<void>
}
