import type { ValueType } from '../types/valueType'

/** A named, typed logical value that an objective takes or a model consumes. */
export interface InputSpec {
  readonly name: string
  readonly type: ValueType
  readonly nullable: boolean
  /** Present only where one is declared; `null` is a default too. */
  readonly default?: unknown
  /** Lowest and highest allowed number, both included. For lists of numbers: of each item. */
  readonly range?: readonly [number, number]
  /** Of a list in items (4,096 unless said), of a string in characters. */
  readonly maxLength?: number
  /** The exact number of items of a list. */
  readonly length?: number
  readonly measure?: string
  readonly description?: string
  /** What a null that an upstream may have left does; `error` unless nullable or defaulted. */
  readonly onNull: 'error' | 'missing'
}

export interface OutputSpec {
  readonly name: string
  readonly type: ValueType
  readonly description?: string
  readonly measure?: string
}

/** A business use case: the contract that fields are compiled against and models are checked against. */
export interface Objective {
  readonly name: string
  readonly description: string
  readonly owner?: string
  /** `context.KEY` or `input.NAME`: whose id decides on cells and canaries. */
  readonly unit?: string
  readonly inputs: readonly InputSpec[]
  readonly outputs: readonly OutputSpec[]
  readonly deadlineMs?: number
  /** Prediction rows a request; 10,000 unless said. */
  readonly maxRows: number
  /** For how long a version's answers may be given again to equal inputs, in milliseconds; absent: they are made anew each time. */
  readonly cacheTtlMs?: number
  /** Where it was read from, for messages. */
  readonly file: string
}
