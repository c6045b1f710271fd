import type { Caller } from '../../lib/request/caller'
import type { ModelTensors } from '../../workers/protocol/metadata'
import type { InferRequest, WireTensor } from '../../workers/protocol/wireTensor'
import type { Segment } from '../../workers/shard'

/** A version as a model of the protocol. */
export interface View extends ModelTensors {
  readonly platform: string
  /**
   * Answers a request until `deadline`, in the clock's milliseconds. Rejects if the request does not fit, or with the
   * first error of a row.
   */
  infer(request: InferRequest, deadline: number, caller: Caller): Promise<ViewAnswer>
}

export interface ViewAnswer {
  readonly outputs: readonly WireTensor[]
  /** How the rows ran, for statistics. */
  readonly segments: readonly Segment[]
}
