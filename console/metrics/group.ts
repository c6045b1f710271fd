/** Series that are shown as one. */
export interface Group {
  readonly labels: Readonly<Record<string, string>>
  /** The sum of its values in the whole time that is known, not only in the steps that are shown. */
  readonly weight: number
  /** Reads the steps that are shown. */
  read(): GroupRows
}

/** By step. */
export interface GroupRows {
  /** The first step with a value. */
  readonly first: number
  /** One row of a counter or gauge; of a histogram one per bucket, not cumulative. */
  readonly rows: readonly Float64Array[]
}

/** What is left of `whole` without `parts`; rounding errors do not count. */
export function without(whole: GroupRows, parts: readonly GroupRows[]): GroupRows {
  const rows = whole.rows.map((row, index) =>
    row.map((value, step) => {
      let rest = value
      for (const part of parts) rest -= part.rows[index][step]
      return rest > Math.abs(value) * rounding ? rest : 0
    }),
  )
  return { first: whole.first, rows }
}

/** Whether the parts weigh as much as the whole. */
export function isAll(whole: Group, parts: readonly Group[]): boolean {
  const rest = parts.reduce((left, { weight }) => left - weight, whole.weight)
  return rest <= Math.abs(whole.weight) * rounding
}

const rounding = 1e-9
