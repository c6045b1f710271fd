import type { ValueType } from '../types/valueType'

/** A named, typed logical value that an objective takes or a model consumes. */
export interface InputSpec {
  readonly name: string
  readonly type: ValueType
  readonly nullable: boolean
  /** Present only if declared; `null` is a default too. */
  readonly default?: unknown
  /** The lowest and highest allowed number, inclusive; for lists of numbers, of each item. */
  readonly range?: readonly [number, number]
  /** For a list, in items (default 4,096); for a string, in characters. */
  readonly maxLength?: number
  /** The exact number of items of a list. */
  readonly length?: number
  readonly measure?: string
  readonly description?: string
  /** How null is treated, which may come from a failed upstream; `error` unless nullable or with a default. */
  readonly onNull: 'error' | 'missing'
}

export interface OutputSpec {
  readonly name: string
  readonly type: ValueType
  readonly description?: string
  readonly measure?: string
}

/** A business use case: the contract against which fields are compiled and models are checked. */
export interface Objective {
  readonly name: string
  readonly description?: string
  readonly owner?: string
  /** `context.KEY` or `input.NAME`: the id by which cells and canaries are drawn. */
  readonly unit?: string
  readonly inputs: readonly InputSpec[]
  readonly outputs: readonly OutputSpec[]
  readonly deadlineMs?: number
  /** The most prediction rows of a request; default 10,000. */
  readonly maxRows: number
  /** How long a version's answers may be reused for equal inputs, in milliseconds; if absent, they are not cached. */
  readonly cacheTtlMs?: number
  /** The file it was read from, for messages. */
  readonly file: string
}
