import { isMap } from '../../lib/isMap'

/*
 * How a gateway and a subgraph of ours send entities by columns, in one array a field. Representations and objects of
 * an answer would be made, written and read one by one.
 *
 *     gateway ──{ query, variables, extensions.presageEntities: { type, rows, columns } }──> subgraph
 *     gateway <──{ data: { columns: { predictedRating: [...] } }, errors, extensions }────── subgraph
 *
 * A gateway begins with representations, and says with a header that it would send columns. A subgraph that knows the
 * operation by then says with the same header that it takes them.
 */

/** `1` in both directions. */
export const columnsHeader = 'x-presage-columns'

/** The member of `extensions` with the columns. */
export const entitiesExtension = 'presageEntities'

/** The most entities in one request; more are sent as representations, whose answer is made and written in parts. */
export const maxColumnRows = 2000

/** Entities of one type, by columns. */
export interface SentEntities {
  readonly type: string
  readonly rows: number
  /** By field; each has `rows` values. */
  readonly columns: Readonly<Record<string, readonly unknown[]>>
}

/** The entities in the extensions of a request; undefined if it has none, or malformed ones. */
export function readSentEntities(extensions: unknown): SentEntities | undefined {
  const sent = isMap(extensions) ? extensions[entitiesExtension] : undefined
  if (!isMap(sent)) return undefined
  const { type, rows, columns } = sent
  if (typeof type !== 'string' || !Number.isSafeInteger(rows) || !isColumns(columns, rows as number))
    return undefined
  return (rows as number) <= maxColumnRows ? { type, rows: rows as number, columns } : undefined
}

/** Whether these are columns with a value for each row. */
export function isColumns(columns: unknown, rows: number): columns is SentEntities['columns'] {
  return (
    isMap(columns) &&
    Object.values(columns).every((column) => Array.isArray(column) && column.length === rows)
  )
}
