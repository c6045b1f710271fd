import { rowsOf, type Tensors } from '../../models/types/tensor'

export interface WarmOptions {
  /** Gets the times of runs once they are no longer slow. */
  readonly measured?: Measured
  /** Whether versions are serving beside it, whose rows should wait as little as possible. */
  readonly gently?: boolean
}

/** Takes the rows and the milliseconds of a run. */
export type Measured = (rows: number, ms: number) => void

/** A first run this long is slow for another reason, and not worth repeating. */
const longRunMs = 20

/**
 * Runs each batch once with `run`, which returns the milliseconds that it took. If the times are measured, short
 * batches run three times and the shortest counts: the first run is slow, and another may have been disturbed.
 */
export async function warmUp(
  batches: readonly (() => Tensors)[],
  run: (tensors: Tensors) => Promise<number>,
  measured: Measured | undefined,
): Promise<void> {
  for (const batch of batches) {
    const first = batch()
    const rows = rowsOf(first)
    const firstMs = await run(first)
    if (measured === undefined) continue
    let ms = firstMs
    for (let nth = 2; nth <= 3 && firstMs <= longRunMs; nth++) ms = Math.min(ms, await run(batch()))
    measured(rows, ms)
  }
}
