import type { Column } from '../../lib/column'
import { PresageError } from '../../lib/errors'
import type { Segment, SubmitOptions } from '../../workers/shard'
import type { RowTaker } from '../calls/cacheUse'
import type { CachedAnswer } from './cachedAnswer'

/** Distinct rows that a request asks for together. */
export interface Ask {
  readonly key: string
  readonly columns: readonly Column[]
  /** The cache key of each row. */
  readonly keys: readonly string[]
  readonly options: SubmitOptions
  readonly answer: CachedAnswer
}

/**
 * Has the shard predict some rows. A refusal of the call becomes the error of these rows alone, since other rows may
 * have cached answers.
 */
export async function taken(taker: RowTaker, ask: Ask, rows: readonly number[]): Promise<readonly Segment[]> {
  try {
    return await taker.submit(ask.key, columnsOf(ask, rows), rows.length, ask.options)
  } catch (error) {
    if (!(error instanceof PresageError)) throw error
    return [{ rows: rows.length, error }]
  }
}

/** The columns of some rows; the original columns if that is all rows. */
export function columnsOf({ columns, keys }: Ask, rows: readonly number[]): readonly Column[] {
  return rows.length === keys.length ? columns : columns.map((column) => pick(column, rows))
}

/** The values at some places, in the order of the places. */
export function pick<T>(values: readonly T[], places: readonly number[]): T[] {
  const picked: T[] = new Array(places.length)
  for (let at = 0; at < places.length; at++) picked[at] = values[places[at]]
  return picked
}
