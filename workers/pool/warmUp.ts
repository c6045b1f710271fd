import type { Tensors } from '../../models/types/tensor'
import type { Worker } from '../runtime/worker'

/** Made-up rows, whose values nobody reads. */
export interface WarmUpBatch {
  readonly rows: number
  /** Makes a new batch each time, since workers may move its buffers. */
  readonly make: () => Tensors
  /** Throws `MODEL_OUTPUT_SHAPE` for an answer that would be refused to every row. */
  readonly check: (answer: Tensors) => void
}

export interface WarmOptions {
  /** Gets the times of runs once they are no longer slow. */
  readonly measured?: Measured
  /** Whether versions are serving beside it, whose rows should wait as little as possible. */
  readonly gently?: boolean
}

/** Takes the rows and the milliseconds of a run. */
export type Measured = (rows: number, ms: number) => void

/** A run this long is slow for another reason than that it is the first, and not worth repeating. */
const longRunMs = 20

/** Runs a batch and checks the answer. Resolves with the milliseconds that it took. */
export async function runWarmUp(
  worker: Pick<Worker, 'infer'>,
  key: string,
  { make, check }: WarmUpBatch,
): Promise<number> {
  const { tensors, computeMs } = await worker.infer(key, make())
  check(tensors)
  return computeMs
}

/**
 * Runs each batch once with `run`, which returns the milliseconds that it took. If the times are measured, short
 * batches run three times and the shortest counts: the first run is slow, and another may have been disturbed. So may one
 * have been that took long after short ones, or first of all, as where the machine stood still: it runs twice.
 */
export async function warmUp(
  batches: readonly WarmUpBatch[],
  run: (batch: WarmUpBatch) => Promise<number>,
  measured: Measured | undefined,
): Promise<void> {
  let wasShort = true
  for (const batch of batches) {
    let ms = await run(batch)
    if (measured === undefined) continue
    for (let nth = 2; nth <= 3 && (ms <= longRunMs || (wasShort && nth === 2)); nth++)
      ms = Math.min(ms, await run(batch))
    wasShort = ms <= longRunMs
    measured(batch.rows, ms)
  }
}
