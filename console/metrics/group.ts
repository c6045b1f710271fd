/** Series that are shown as one, by step. */
export interface Group {
  readonly labels: Readonly<Record<string, string>>
  /** The first step with a value. */
  first: number
  /** One row of a counter or gauge; of a histogram one per bucket, not cumulative. */
  readonly rows: readonly Float64Array[]
}

export function emptyGroup(labels: Group['labels'], rows: number, steps: number): Group {
  return { labels, first: steps, rows: Array.from({ length: rows }, () => new Float64Array(steps)) }
}

/** The sum of all values. */
export function weightOf({ rows }: Group): number {
  let sum = 0
  for (const row of rows) for (const value of row) sum += value
  return sum
}

/** What is left of `whole` without `parts`; rounding errors do not count. */
export function without(whole: Group, parts: readonly Group[]): Group {
  const rows = whole.rows.map((row, index) =>
    row.map((value, step) => {
      let rest = value
      for (const part of parts) rest -= part.rows[index][step]
      return rest > Math.abs(value) * 1e-9 ? rest : 0
    }),
  )
  return { labels: {}, first: whole.first, rows }
}
