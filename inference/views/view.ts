import type { Caller } from '../../lib/request/caller'
import type { InferRequest, WireTensor } from '../../workers/protocol/wireTensor'
import type { Segment } from '../../workers/shard'

export interface TensorMetadata {
  readonly name: string
  readonly datatype: string
  /** -1: any size. */
  readonly shape: readonly number[]
}

/** A version as a model of the protocol. */
export interface View {
  readonly platform: string
  readonly inputs: readonly TensorMetadata[]
  readonly outputs: readonly TensorMetadata[]
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
