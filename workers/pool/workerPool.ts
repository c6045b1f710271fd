import type { Event } from '../../lib/events'
import type { Model } from '../../models/contracts/model'
import type { GraphSignature, Tensors } from '../../models/types/tensor'
import type { Runner } from '../batching/execution'
import type { GraphOptions } from '../runtime/graphFiles'
import type { Waiting } from './growth'
import type { WorkerStatus } from './seat'
import type { WarmOptions, WarmUpBatch } from './warmUp'

/** The graph's options apply to this and every later worker. */
export interface LoadOptions extends GraphOptions {
  /** How many workers hold the version; default all. */
  readonly instances?: number
}

/** The workers of a shard: on this machine, or servers elsewhere. */
export interface WorkerPool {
  /** Fires when a worker may have become idle. */
  readonly freed: Event<void>
  /** Loads a version. Rejects if no worker holds it in the end. */
  load(key: string, graphPath: string, options?: LoadOptions): Promise<GraphSignature>
  /** Runs these batches on every worker that holds the version, now or later, before its next batch. */
  warm(key: string, warmUp: readonly WarmUpBatch[], options?: WarmOptions): Promise<void>
  /** Drops a version, of which nothing may be running. Resolves when its memory is freed. */
  unload(key: string): Promise<void>
  /** How many batches of the version can run at once. */
  holders(key: string): number
  /** What can start a batch of this version now; if possible not the worker `avoids`. */
  idle(key: string, avoids?: string): Runner | undefined
  /**
   * A runner that refuses a batch at once, if everything that could run it is known to be away. `since` is when its rows
   * came and `deadline` when they are late, in the clock's milliseconds.
   */
  away(key: string, since: number, deadline: number): Runner | undefined
  /** Call when rows of a queue wait and nothing with their version is idle. */
  want(queue: Waiting): void
  status(): WorkerStatus[]
  dispose(): Promise<void>
  /** Only of servers elsewhere, each of which may answer otherwise than this machine would. */
  readonly remote?: RemoteSide
}

export interface RemoteSide {
  /** Fires when a server has come, or come back, or may have room by now for what none had room for. */
  readonly joined: Event<void>
  /** Has every server pass a check before it gets rows, now and whenever it comes back. Rejects if none does. */
  verify(model: Model, check: ServerCheck): Promise<void>
  /**
   * Has every server that serves a version load it, if it has put the version out of its memory. Those that cannot do not
   * serve it any more. Rejects if that is all of them.
   */
  wake(key: string): Promise<void>
}

/** Sends rows to one server, by `run`, and throws if its answers are not the right ones. */
export type ServerCheck = (run: (tensors: Tensors) => Promise<Tensors>) => Promise<void> | undefined
