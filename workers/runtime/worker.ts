import type { Event } from '../../lib/events'
import type { GraphSignature, Tensors } from '../../models/types/tensor'
import type { GraphOptions } from './graphFiles'

/** A worker took more memory than it may. */
export interface Excess {
  /** The version that it was at, or had been at last. */
  readonly key: string
  /** What it took, and what it may. */
  readonly sentence: string
}

/** What a worker answers to one batch. */
export interface Inference {
  readonly tensors: Tensors
  /** Time inside the runtime, in milliseconds. */
  readonly computeMs: number
}

/**
 * Tensors in, tensors out. A thread, a process or this thread itself, later also a server elsewhere; nobody above the pool
 * knows which. One contract suite runs against every kind.
 */
export interface Worker {
  readonly id: string
  readonly kind: string
  /** The operating system's number, where the worker is a process of its own. */
  readonly pid?: number
  /**
   * Creates the session of a version from its graph file, and tells the graph's signature. Rejects with a sentence if the
   * runtime refuses it, or if a file has another SHA-256 than the one given.
   */
  load(key: string, graphPath: string, options?: GraphOptions): Promise<GraphSignature>
  /**
   * Runs one batch. The tensors are the worker's from then on: where it can it moves their buffers, which are empty
   * afterwards. Rejects with `INFERENCE_FAILED` if the runtime refused the batch, with `WorkerLost` if the worker died over it.
   */
  infer(key: string, tensors: Tensors): Promise<Inference>
  /**
   * Gives up the session of a version of which nothing runs. Only where that gives something back: the runtime leaks when a
   * session is released, so that a worker that can be ended is ended instead.
   */
  unload?(key: string): void
  /** Fires once with the reason, when the worker died by itself; its pending calls have been rejected by then. */
  readonly lost: Event<string>
  /**
   * Fires once with the reason, when a call has overrun its limit and the worker cannot be ended over it. It may still
   * answer; whoever holds it gives it nothing more and disposes of it.
   */
  readonly stalled: Event<string>
  /** Fires when it is ended for having taken too much memory, before `lost`. Only where it has memory of its own. */
  readonly exceeded?: Event<Excess>
  /** Waits for what is running, then ends the worker. Never ends a busy thread (the runtime would abort the process). */
  dispose(): Promise<void>
}
