import type { Column } from '../../lib/column'
import { PresageError } from '../../lib/errors'
import type { Segment, SubmitOptions } from '../../workers/shard'
import type { RowTaker } from '../calls/cacheUse'
import type { CachedAnswer } from './cachedAnswer'

/** Distinct rows that a request asks for together. */
export interface Ask {
  readonly key: string
  readonly columns: readonly Column[]
  /** By row. */
  readonly keys: readonly string[]
  readonly options: SubmitOptions
  readonly answer: CachedAnswer
}

/** The shard's answer to some rows; what it refuses is theirs alone, beside rows that are kept. */
export async function taken(taker: RowTaker, ask: Ask, rows: readonly number[]): Promise<readonly Segment[]> {
  try {
    return await taker.submit(ask.key, columnsOf(ask, rows), rows.length, ask.options)
  } catch (error) {
    if (!(error instanceof PresageError)) throw error
    return [{ rows: rows.length, error }]
  }
}

/** Some rows of what is asked; the very columns that came, if it is all of them. */
export function columnsOf({ columns, keys }: Ask, rows: readonly number[]): readonly Column[] {
  return rows.length === keys.length ? columns : columns.map((column) => pick(column, rows))
}

/** Those at some places, in the order of these. */
export function pick<T>(values: readonly T[], places: readonly number[]): T[] {
  const picked: T[] = new Array(places.length)
  for (let at = 0; at < places.length; at++) picked[at] = values[places[at]]
  return picked
}
