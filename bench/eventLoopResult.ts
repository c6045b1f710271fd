/** Times in milliseconds. */
export interface LoopRound {
  readonly delayP99: number
  readonly p50: number
  readonly p99: number
  /** The share of requests that were answered. */
  readonly answered: number
}

export interface EventLoopResult {
  readonly case: string
  readonly title: string
  readonly model: string
  /** Requests a second of clients that wait for their answers, and the share of it that was asked for. */
  readonly capacity: number
  readonly load: number
  readonly alone: { readonly median: LoopRound; readonly rounds: readonly LoopRound[] }
  /** With `slow-mlp` at work, and how many of its answers came. */
  readonly besideSlow: { readonly median: LoopRound; readonly rounds: readonly LoopRound[] }
  readonly slowAnswers: number
}
