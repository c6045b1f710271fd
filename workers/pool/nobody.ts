import type { ErrorCode } from '../../lib/errors'
import type { Runner } from '../batching/execution'
import { WorkerLost } from '../runtime/workerLost'

/** A runner of a shard that refuses each batch at once, with this message and code for its rows. */
export function nobody(shard: string, message: string, outcome: ErrorCode): Runner {
  return {
    isInline: false,
    canCancel: false,
    workerId: `${shard}-0`,
    infer: () => Promise.reject(new WorkerLost(message, true, outcome, true)),
  }
}
