/** A rule set as the graph shows it: the JSON of a rule file. */
export interface RuleSet {
  readonly message?: string
  readonly objectives: Readonly<Record<string, ObjectiveRules>>
  readonly experiments?: Readonly<Record<string, { readonly cells: readonly Cell[] }>>
}

export interface ObjectiveRules {
  readonly rules?: readonly { readonly name: string; readonly when?: Condition; readonly use: Use }[]
  readonly default: Use
  readonly canary?: { readonly of: string; readonly to: string; readonly percent: number }
  readonly shadow?: readonly { readonly model: string; readonly percent: number }[]
  readonly fallback?: readonly (string | { readonly constant: unknown })[]
}

export type Use = string | { readonly experiment: string }

export interface Cell {
  readonly name: string
  readonly percent: number
  readonly use: string
}

export type Condition = Readonly<Record<string, unknown>>
