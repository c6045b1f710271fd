import { stat } from 'node:fs/promises'
import type { Tensors } from '../../models/types/tensor'
import { rowsOf } from '../batching/batch'
import type { Runner } from '../batching/execution'
import { type InlineChoice, runsInline } from '../batching/inlineChoice'
import type { Inference, Worker } from '../runtime/worker'
import type { WorkerStatus } from './seat'

/**
 * Larger graphs stay off the thread that serves HTTP: to open a session blocks it (2 to 10 ms for graphs of this size), and
 * each session has its weights in memory once more.
 */
export const maxInlineGraphBytes = 2 * 1024 * 1024

/**
 * The place beside a pool where short runs are made without a hop to a thread. A version comes here once the threads have
 * measured it and found it short. Its batches all run at the end of the turn in which they are started, one after the other.
 */
export class InlineSeat implements Runner {
  readonly isInline = true
  private versions = 0
  /** What the batches are expected to take together that have not run yet, and how many these are. */
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
   * Opens the session of a version that threads have measured, if it is short enough, and runs those of the warm-up
   * batches that are. Rejects as `Worker.load` and `Worker.infer` do.
   */
  async admit(
    version: { readonly key: string; readonly graphPath: string; readonly sha256?: string },
    choice: InlineChoice,
    warmUp: readonly (() => Tensors)[],
  ): Promise<void> {
    const { key, graphPath, sha256 } = version
    const batches = warmUp.map((make) => make()).filter((tensors) => fits(tensors, choice))
    if (batches.length === 0 || (await stat(graphPath)).size > maxInlineGraphBytes) return
    await this.worker.load(key, graphPath, sha256)
    for (const tensors of batches) await this.worker.infer(key, tensors)
    this.versions++
    choice.isHeld = true
  }

  /** Gives up the session of a version of which nothing runs or waits. */
  drop(key: string, choice: InlineChoice): void {
    if (!choice.isHeld) return
    choice.isHeld = false
    this.versions--
    this.worker.unload?.(key)
  }

  /** True if a batch of so many rows can start here now. */
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

  /** The one worker, once it holds a version. */
  status(): WorkerStatus[] {
    if (this.versions === 0) return []
    const { worker, pending, batches, rows } = this
    return [{ id: worker.id, kind: worker.kind, state: pending > 0 ? 'busy' : 'idle', batches, rows }]
  }

  async dispose(): Promise<void> {
    await this.worker.dispose()
    this.versions = 0
  }

  private ran(expectedMs: number): void {
    this.pending--
    // Without what adding and taking away leaves behind.
    this.pendingMs = this.pending === 0 ? 0 : this.pendingMs - expectedMs
    this.freed()
  }
}

function fits(tensors: Tensors, choice: InlineChoice): boolean {
  return runsInline(choice.estimate(rowsOf(tensors)), false)
}
