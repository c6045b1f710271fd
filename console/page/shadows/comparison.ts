/** A shadow beside a version that answers, since the process started. */
export interface ShadowComparison {
  readonly answered: string
  readonly shadow: string
  readonly since: string
  readonly rows: number
  readonly compared: number
  readonly failures: readonly { readonly outcome: string; readonly rows: number }[]
  readonly outputs: readonly ShadowOutput[]
  readonly shadowLatency: Latency
  readonly answeredLatency: Latency
}

export interface Latency {
  readonly meanMs: number
  readonly maxMs: number
}

export interface ShadowOutput {
  readonly output: string
  readonly count: number
  readonly agreement: number
  readonly meanDifference: number | null
  readonly maxDifference: number | null
  readonly meanOverlap: number | null
  readonly examples?: readonly WorstRow[] | null
}

export interface WorstRow {
  readonly request: string
  readonly inputs: Readonly<Record<string, unknown>>
  readonly answered: string
  readonly shadow: string
}
