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
  /** What it was drawn by, as the rules say it, and that one's value: `context.member`, `12`. */
  readonly unitBy: string
  readonly unit: string
  /** `name@version` that answered, or `constant`; null where nobody did. Of a shadow, the shadow. */
  readonly model: string | null
  /** The cell's. */
  readonly chosen: string
  /** `real`: the client was given the answer. `shadow`: nobody was. `synthetic`: either, but there is nobody behind the request. */
  readonly origin: 'real' | 'shadow' | 'synthetic'
  /** Of a synthetic request: a shadow was asked. */
  readonly shadow?: true
  /** Rows of this unit. */
  readonly rows: number
  /** The number of the rule set, 0 for one of a file, and its hash. */
  readonly ruleSet: number
  readonly ruleSetHash: string
}

/** Who answered most of the rows; the version that was chosen where it answered as many as another. */
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
