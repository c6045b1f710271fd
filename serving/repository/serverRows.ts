import { PresageError } from '../../lib/errors'
import type { Model } from '../../models/contracts/model'
import type { Tensors } from '../../models/types/tensor'
import type { Segment } from '../../workers/shard'
import type { RowTaker } from '../calls/cacheUse'

/** Takes rows for one server, by `run`, in batches of at most the version's rows. For checks; nothing waits or is retried. */
export function serverRows(model: Model, run: (tensors: Tensors) => Promise<Tensors>): RowTaker {
  return {
    async submit(_, columns, rows) {
      const { maxRows } = model.manifest.batching
      const segments: Segment[] = []
      for (let from = 0; from < rows; from += maxRows) {
        const count = Math.min(maxRows, rows - from)
        const part = columns.map((column) => column.slice(from, from + count))
        segments.push(await runBatch(model, run, part, count))
      }
      return segments
    },
  }
}

async function runBatch(
  model: Model,
  run: (tensors: Tensors) => Promise<Tensors>,
  columns: Parameters<Model['preprocess']>[0],
  rows: number,
): Promise<Segment> {
  try {
    const tensors = await run(model.preprocess(columns, rows))
    model.checkOutputs(tensors, rows)
    return { rows, tensors, run: { worker: '', rows, computeMs: 0 }, queueMs: 0 }
  } catch (error) {
    if (error instanceof PresageError) return { rows, error }
    throw error
  }
}
