/** One logical value per row. In a validated column, absent and null are both `null`. */
export type Column = readonly unknown[]

/**
 * Makes a column by calling `read` for each row. It uses `new Array` like the columns of requests: V8's loops are fast
 * only if they see few kinds of arrays, and `map` would add another kind.
 */
export function columnOf<Row>(rows: readonly Row[], read: (row: Row) => unknown): Column {
  const column: unknown[] = new Array(rows.length)
  for (let row = 0; row < rows.length; row++) column[row] = read(rows[row])
  return column
}
