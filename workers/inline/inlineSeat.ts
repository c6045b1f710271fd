import { stat } from 'node:fs/promises'
import { PresageError } from '../../lib/errors'
import { Emitter } from '../../lib/events'
import type { GraphSignature, Tensors } from '../../models/types/tensor'
import type { Runner } from '../batching/execution'
import { type InlineChoice, runsInline } from '../batching/schedule'
import type { WorkerStatus } from '../pool/seat'
import { runWarmUp, type WarmUpBatch } from '../pool/warmUp'
import type { GraphOptions } from '../runtime/graphFiles'
import { type OnnxSession, openSession } from '../runtime/onnx'
import type { Inference, Worker } from '../runtime/worker'
import { WorkerLost } from '../runtime/workerLost'

/**
 * Larger graphs stay off the HTTP thread: opening a session blocks it for longer the larger the graph is, and each
 * session holds its own copy of the weights.
 */
export const maxInlineGraphBytes = 2 * 1024 * 1024

/**
 * Runs short batches on this thread, beside a pool, without the hop to another thread. A version is admitted once the
 * threads have measured it and found it short. Batches run one after the other at the end of the turn in which they
 * start.
 */
export class InlineSeat implements Runner {
  readonly isInline = true
  readonly canCancel = false
  private readonly versions = new Set<string>()
  /** The expected time of all batches that have not run yet, and their number. */
  private pendingMs = 0
  private pending = 0
  private batches = 0
  private rows = 0

  constructor(
    private readonly worker: Worker,
    /** Called when a batch has run. */
    private readonly freed: () => void,
  ) {}

  get workerId(): string {
    return this.worker.id
  }

  /**
   * Opens a session for a version that threads have measured, if its runs are short enough, and runs the short ones of
   * its warm-up batches. Rejects as `Worker.load` and `Worker.infer` do.
   */
  async admit(
    version: { readonly key: string; readonly graphPath: string; readonly graph?: GraphOptions },
    choice: InlineChoice,
    warmUp: readonly WarmUpBatch[],
  ): Promise<void> {
    const { key, graphPath, graph } = version
    const batches = warmUp.filter(({ rows }) => runsInline(choice.estimate(rows), false))
    if (batches.length === 0 || (await bytesOf(graphPath, graph)) > maxInlineGraphBytes) return
    await this.worker.load(key, graphPath, graph)
    try {
      for (const batch of batches) await runWarmUp(this.worker, key, batch)
    } catch (error) {
      this.worker.unload?.(key)
      throw error
    }
    this.versions.add(key)
    choice.isHeld = true
  }

  /** Drops the session of a version with no running or waiting rows. */
  drop(key: string, choice: InlineChoice): void {
    if (!choice.isHeld) return
    choice.isHeld = false
    this.versions.delete(key)
    this.worker.unload?.(key)
  }

  /** Whether a batch of this many rows can start here now. */
  takes(choice: InlineChoice, rows: number): boolean {
    return choice.takes(rows, this.pendingMs)
  }

  infer(key: string, tensors: Tensors, rows: number, expectedMs: number): Promise<Inference> {
    this.pendingMs += expectedMs
    this.pending++
    return this.worker.infer(key, tensors).then(
      (inference) => {
        this.batches++
        this.rows += rows
        this.ran(expectedMs)
        return inference
      },
      (error) => {
        this.ran(expectedMs)
        throw error
      },
    )
  }

  /** The inline worker, once it holds a version. */
  status(): WorkerStatus[] {
    if (this.versions.size === 0) return []
    const { worker, pending, batches, rows } = this
    const state = pending > 0 ? 'busy' : 'idle'
    return [{ id: worker.id, kind: worker.kind, state, batches, rows, versions: [...this.versions] }]
  }

  async dispose(): Promise<void> {
    await this.worker.dispose()
    this.versions.clear()
  }

  private ran(expectedMs: number): void {
    this.pending--
    // Reset to zero, so that rounding errors do not add up.
    this.pendingMs = this.pending === 0 ? 0 : this.pendingMs - expectedMs
    this.freed()
  }
}

/** The size of a graph, including weights in files of their own. */
async function bytesOf(graphPath: string, { data = [] }: GraphOptions = {}): Promise<number> {
  const { size } = await stat(graphPath)
  return data.reduce((sum, { bytes }) => sum + bytes, size)
}

/** A worker on the calling thread, which a run blocks. It cannot be lost or stalled without the whole process. */
export class InlineWorker implements Worker {
  readonly kind = 'inline'
  readonly lost = new Emitter<string>().event
  readonly stalled = new Emitter<never>().event
  private readonly sessions = new Map<string, OnnxSession>()
  /** The run that was started last. Runs end in the order in which they started. */
  private last: Promise<unknown> = Promise.resolve()
  private ended = false

  constructor(readonly id: string) {}

  async load(key: string, graphPath: string, options?: GraphOptions): Promise<GraphSignature> {
    if (this.ended) throw this.endedError()
    const session = await openSession(graphPath, options)
    this.sessions.set(key, session)
    return session.signature
  }

  infer(key: string, tensors: Tensors): Promise<Inference> {
    if (this.ended) return Promise.reject(this.endedError())
    const session = this.sessions.get(key)
    if (!session) {
      return Promise.reject(new PresageError('INFERENCE_FAILED', `${key} is not loaded in this worker`))
    }
    const run = session.run(tensors)
    this.last = run
    return run
  }

  unload(key: string): void {
    this.sessions.get(key)?.release()
    this.sessions.delete(key)
  }

  async dispose(): Promise<void> {
    this.ended = true
    await this.last.catch(() => {})
    this.sessions.clear()
  }

  private endedError(): WorkerLost {
    return new WorkerLost(`worker ${this.id} (inline) was lost: it has been ended`, false)
  }
}
