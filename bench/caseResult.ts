import type { Alone } from './alone'
import type { EqualLoad } from './equalLoad'
import type { Measured } from './measure'
import type { Ratio } from './ratio'

/** One case, all contestants. */
export interface CaseResult {
  readonly case: string
  readonly title: string
  readonly model: string
  readonly predictions: number
  /** One bare `run` of ONNX Runtime, microseconds. */
  readonly rawRunMicros: number
  readonly servers: Readonly<Record<string, Measured>>
  /** Presage's predictions per CPU second over those of the other; of medians, with the lowest and highest of the rounds. */
  readonly ratios: Readonly<Record<string, Ratio>>
  /** Of the floors and Presage. */
  readonly alone: Readonly<Record<string, Alone>>
  /** Latencies of Presage and the other at the same constant rate. */
  readonly equalLoad: Readonly<Record<string, EqualLoad>>
}
