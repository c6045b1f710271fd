import { isMap } from '../../lib/isMap'
import { readColumn } from './columnText'

/*
 * How a gateway and a subgraph of ours send lists and entities by columns. Objects would be made, written and read one by
 * one.
 *
 * A list that is all that an operation asks for: the gateway says with a header that it reads columns, and a subgraph that
 * knows the operation answers with them (`columnList.ts`).
 *
 *     gateway ──{ query, variables }, x-presage-columns: lists──> subgraph
 *     gateway <──────────────────columns as text───────────────── subgraph
 *
 * Entities, and their predictions, in JSON; or as text, if they have come as text:
 *
 *     gateway ──{ query, variables, extensions.presageEntities: { type, rows, columns } }──> subgraph
 *     gateway <──{ data: { columns: { predictedRating: [...] } }, errors, extensions }────── subgraph
 *
 * A gateway begins with representations, and says with a header that it would send columns. A subgraph that knows the
 * operation by then says with the same header that it takes them.
 */

export const columnsHeader = 'x-presage-columns'

/** The value of the header that asks for a list by columns. In both directions, `1` is about entities. */
export const asksLists = 'lists'

/** The member of `extensions` with the columns. */
const entitiesExtension = 'presageEntities'

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

/** The end of a request in JSON, after `"extensions":`. Columns as text follow, with their names in the JSON. */
export function entitiesText(
  { type, rows }: Pick<SentEntities, 'type' | 'rows'>,
  columns: SentEntities['columns'] | ReadonlyMap<string, string>,
): string {
  const isText = columns instanceof Map
  const sent = { type, rows, columns: isText ? [...columns.keys()] : columns }
  const end = `${JSON.stringify({ [entitiesExtension]: sent })}}`
  return isText ? [end, ...columns.values()].join('\n') : end
}

/** Reads a request with columns as text to the same request in JSON. Throws a SyntaxError. */
export function readSentColumns(text: string): unknown {
  const [head, ...lines] = text.split('\n')
  const request: unknown = JSON.parse(head)
  const extensions = isMap(request) ? request['extensions'] : undefined
  const sent = isMap(extensions) ? extensions[entitiesExtension] : undefined
  const names = isMap(sent) ? sent['columns'] : undefined
  if (!isMap(sent) || !Array.isArray(names) || names.length !== lines.length)
    throw new SyntaxError(`columns: must have a name for each of ${lines.length} lines`)
  const columns = Object.fromEntries(
    names.map((name, at) => [name, readColumn(lines[at], Number(sent['rows']))]),
  )
  return { ...(request as object), extensions: { [entitiesExtension]: { ...sent, columns } } }
}

/** Whether these are columns with a value for each row, and each can be written into objects. */
export function isColumns(columns: unknown, rows: number): columns is SentEntities['columns'] {
  return (
    isMap(columns) &&
    !Object.hasOwn(columns, '__proto__') &&
    Object.values(columns).every((column) => Array.isArray(column) && column.length === rows)
  )
}
