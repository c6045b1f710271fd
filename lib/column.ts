/** One logical value per row. Absent and null are both `null` once a value has been admitted. */
export type Column = readonly unknown[]

/**
 * The column of what `read` gives for each row. Made as requests' columns are: the engine's loops are fast for few kinds
 * of arrays, and `map` would make others for rows that only start a server.
 */
export function columnOf<Row>(rows: readonly Row[], read: (row: Row) => unknown): Column {
  const column: unknown[] = new Array(rows.length)
  for (let row = 0; row < rows.length; row++) column[row] = read(rows[row])
  return column
}
