import type { AnsweredRows } from '../requests/answered'

/** One line of the exposure log. */
export interface Exposure {
  /** When it was recorded, ISO 8601 in UTC. */
  readonly time: string
  /** The client request's id. */
  readonly request: string
  readonly objective: string
  readonly experiment: string
  readonly cell: string
  /** The key by which the experiment draws, as the rules state it, and its value: `context.member`, `12`. */
  readonly unitBy: string
  readonly unit: string
  /** The `name@version` that answered, or `constant`; null if none did. For a shadow, the shadow's version. */
  readonly model: string | null
  /** The cell's version. */
  readonly chosen: string
  /** `real`: the client got the answer. `shadow`: nobody did. `synthetic`: either, but no user made the request. */
  readonly origin: 'real' | 'shadow' | 'synthetic'
  /** On a synthetic request: the answer is a shadow's. */
  readonly shadow?: true
  readonly rows: number
  /** The number of the rule set, 0 if it comes from a file, and its hash. */
  readonly ruleSet: number
  readonly ruleSetHash: string
}

/** Which version, or `constant`, answered most of the rows; the chosen version in a tie. */
export function exposureModel(
  { decision, prediction, fallback }: AnsweredRows,
  rows: readonly number[],
): string | null {
  const counts = new Map<string, number>([[decision.model, 0]])
  for (const row of rows) {
    if (prediction.errors[row] !== undefined) continue
    const by = fallback?.by[row] ?? decision.model
    counts.set(by, (counts.get(by) ?? 0) + 1)
  }
  let most: string | null = null
  for (const [model, count] of counts) if (count > (most === null ? 0 : counts.get(most)!)) most = model
  return most
}
