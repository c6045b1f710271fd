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
        try {
          const tensors = await run(model.preprocess(part, count))
          model.checkOutputs(tensors, count)
          segments.push({ rows: count, tensors, run: { worker: '', rows: count, computeMs: 0 }, queueMs: 0 })
        } catch (error) {
          if (!(error instanceof PresageError)) throw error
          segments.push({ rows: count, error })
        }
      }
      return segments
    },
  }
}
