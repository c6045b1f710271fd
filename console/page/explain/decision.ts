import type { DecisionPlace } from '../rules/ruleTree'

/** A decision of the rules, and how the prediction ended, where one was made. */
export interface Decision extends DecisionPlace, Outcome {
  readonly shard?: string
  readonly experiment?: string | null
  /** 0 to 999,999 */
  readonly bucket?: number | null
  readonly shadows?: readonly string[] | null
  readonly flags?: readonly string[] | null
}

/** How a prediction ended. */
export interface Outcome {
  /** What answered instead of the chosen version, a version or `constant`, and the code of the chosen one's error. */
  readonly fallback?: { readonly by: string; readonly code: string }
  /** The code, if nothing answered. */
  readonly error?: string
}
