import type { AnsweredRows } from '../requests/answered'

/**
 * The rows on which a shadow can be compared: those that another version answered. Left out are rows that failed, and
 * rows that a constant or the shadow itself answered as a fallback.
 */
export function comparableRows(answered: AnsweredRows, shadow: string): AnsweredRows {
  const { rows, prediction, fallback } = answered
  const isComparable = (row: number) => {
    if (prediction.errors[row] !== undefined) return false
    const by = fallback?.by[row]
    return by !== 'constant' && by !== shadow
  }
  if (fallback === undefined && !prediction.errors.some((error) => error !== undefined)) return answered
  const kept = Array.from({ length: rows }, (_, row) => row).filter(isComparable)
  if (kept.length === rows) return answered
  const pick = <T>(column: ArrayLike<T>): T[] => kept.map((row) => column[row])
  return {
    ...answered,
    rows: kept.length,
    inputs: answered.inputs.map(pick),
    ...(answered.decisions && { decisions: pick(answered.decisions) }),
    prediction: {
      outputs: Object.fromEntries(
        Object.entries(prediction.outputs).map(([name, column]) => [name, pick(column)]),
      ),
      errors: [],
    },
    ...(fallback && { fallback: { by: pick(fallback.by), codes: pick(fallback.codes) } }),
  }
}
