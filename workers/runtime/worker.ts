import type { Event } from '../../lib/events'
import type { TraceContext } from '../../lib/request/traceContext'
import type { GraphSignature, Tensors } from '../../models/types/tensor'
import type { GraphOptions } from './graphFiles'

/** A worker took more memory than it may, or did not come back from a call. */
export interface VersionFault {
  /** The version of the current call, or of the last one. */
  readonly key: string
  /** How much it took and may take, or which call did not come back within how long. */
  readonly sentence: string
}

/** Where a batch comes from. */
export interface Origin {
  /** That of the first of its requests that has one. */
  readonly trace: TraceContext | undefined
  /** The client of all its rows; undefined if they are of several. */
  readonly client: string | undefined
}

/** A worker's answer to one batch. */
export interface Inference {
  readonly tensors: Tensors
  /** Time inside the runtime, in milliseconds; of a worker on another machine, the time of the whole call. */
  readonly computeMs: number
}

/** Tensors in, tensors out: a thread, a process or this thread. One contract suite tests every kind. */
export interface Worker {
  readonly id: string
  readonly kind: string
  /** The process id, if the worker is a process of its own. */
  readonly pid?: number
  /**
   * Loads a version's graph, and returns the graph's signature. Rejects with a message if the runtime refuses it or the
   * SHA-256 of a file differs from the given one.
   */
  load(key: string, graphPath: string, options?: GraphOptions): Promise<GraphSignature>
  /**
   * Runs one batch. The worker takes over the tensors: if it can, it moves their buffers, which are empty afterwards.
   * Rejects with `INFERENCE_FAILED` if the runtime refused the batch, with `WorkerLost` if the worker died over it.
   * `deadline`, in the clock's milliseconds, is when nobody needs the answer any more, and `signal` aborts if that is so
   * earlier; `origin` is where the batch comes from. Only a worker on another machine heeds them.
   */
  infer(
    key: string,
    tensors: Tensors,
    deadline?: number,
    origin?: Origin,
    signal?: AbortSignal,
  ): Promise<Inference>
  /** Frees the session of a version with no runs in progress. Absent where the worker does not own its sessions. */
  unload?(key: string): void
  /** Fires once with the reason, when the worker died by itself. Its pending calls have been rejected by then. */
  readonly lost: Event<string>
  /**
   * Fires once, when a call has exceeded its limit and the worker cannot be ended because of it. The
   * worker may still answer; its owner must give it nothing more and dispose of it.
   */
  readonly stalled: Event<VersionFault>
  /** Fires before `lost` when the worker is ended because of its memory. Absent if it has no memory of its own. */
  readonly exceeded?: Event<VersionFault>
  /** Fires again and again while an idle worker takes most of the memory that it may. Absent as `exceeded` is. */
  readonly swollen?: Event<void>
  /**
   * Waits for what is running, then ends the worker. Never ends a busy thread (the runtime would abort the process).
   */
  dispose(): Promise<void>
}
