import type { Tensors } from '../../models/types/tensor'
import { rowsOf } from '../batching/batch'

export interface WarmOptions {
  /** Told what runs take once they are no longer slow for being the first. */
  readonly measured?: Measured
  /** Beside versions that serve: their rows wait as little as can be. */
  readonly gently?: boolean
}

/** A run of so many rows takes so many milliseconds. */
export type Measured = (rows: number, ms: number) => void

/** A first run that took this long is no matter of a slow start, and not worth others. */
const longRunMs = 20

/**
 * Runs each batch once by `run`, which tells the milliseconds that it took. Where it is measured, most of them three times: the first is slow,
 * and another may have been disturbed, so the shortest counts.
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
