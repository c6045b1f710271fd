import { isPromise } from 'graphql/jsutils/isPromise'
import type { Clock } from '../../lib/clock'
import type { Column } from '../../lib/column'
import type { Segment, SubmitOptions } from '../../workers/shard'
import type { CachedSegment, RowTaker } from '../calls/cacheUse'
import { type Ask, CachedAnswer, columnsOf, pick, taken } from './ask'
import type { CacheSpace } from './cacheSpace'
import type { CacheStore, Found } from './cacheStore'
import { Flight, type Flights } from './flight'
import { type JoinedRow, joinRows } from './joinedRows'
import { keptRows } from './keptRow'
import { rowKeys } from './rowKeys'

export interface CachedRowsParts {
  readonly space: CacheSpace
  readonly store: CacheStore
  readonly flights: Flights
  readonly clock: Clock
  /** Predicts the rows that are not cached. */
  readonly taker: RowTaker
  /** Whether the answer says how each row was obtained. */
  readonly isExplained: boolean
}

/**
 * A shard with the cache in front of it, for one request.
 *
 *     distinct rows ──> pending for another request? ──yes──> join it ──given up──┐
 *                          └─no──> cached? ──yes──> answer                        │
 *                                    └─no──> predict; cache unless it fails <─────┘
 *
 * The cache holds the graph's answers, from which outputs are built as usual, whichever of them a field wants.
 */
export class CachedRows implements RowTaker {
  constructor(private readonly parts: CachedRowsParts) {}

  submit(
    key: string,
    columns: readonly Column[],
    rows: number,
    options: SubmitOptions,
  ): Promise<readonly CachedSegment[]> {
    const { space, store, isExplained } = this.parts
    const keys = rowKeys(columns, space.model.identity, rows, space.prefix)
    const ask: Ask = { key, columns, keys, options, answer: new CachedAnswer(rows, isExplained) }
    const { own, joined } = this.parted(keys, keys.keys())
    const found = own.length === 0 ? [] : store.read(pick(keys, own), options.deadline)
    if (isPromise(found)) return this.waitForStore(ask, own, found as Promise<Found>, joined)
    return this.complete(ask, this.take(ask, own, found), joined)
  }

  /** Parts rows into those that nobody has looked up or predicted now, and those that another request has. */
  private parted(keys: readonly string[], rows: Iterable<number>): { own: number[]; joined: JoinedRow[] } {
    const { flights } = this.parts
    const own: number[] = []
    const joined: JoinedRow[] = []
    for (const row of rows) {
      const flight = flights.size === 0 ? undefined : flights.get(keys[row])
      if (flight === undefined) own.push(row)
      else {
        flight.join()
        joined.push({ row, flight })
      }
    }
    return { own, joined }
  }

  /** Reads an asynchronous store. Other requests for the same rows join this read. */
  private async waitForStore(
    ask: Ask,
    own: readonly number[],
    read: Promise<Found>,
    joined: readonly JoinedRow[],
  ): Promise<readonly CachedSegment[]> {
    const { flights, space } = this.parts
    const flight = new Flight(flights, pick(ask.keys, own))
    const found = (await read).map((kept) => (kept !== undefined && space.fits(kept) ? kept : undefined))
    const missing = this.take(ask, own, found, flight)
    if (missing.length === 0) flight.end()
    return this.complete(ask, missing, joined, flight)
  }

  /** Adds the cached rows to the answer, and returns the others. */
  private take(ask: Ask, own: readonly number[], found: Found, flight?: Flight): number[] {
    const missing: number[] = []
    for (let at = 0; at < own.length; at++) {
      const row = own[at]
      const kept = found[at]
      if (kept === undefined) missing.push(row)
      else {
        ask.answer.hit(row, kept)
        flight?.land(ask.keys[row], kept, undefined)
      }
    }
    this.parts.space.hits(own.length - missing.length)
    return missing
  }

  private async complete(
    ask: Ask,
    missing: readonly number[],
    joined: readonly JoinedRow[],
    flight?: Flight,
  ): Promise<readonly CachedSegment[]> {
    const making = missing.length === 0 ? undefined : this.make(ask, missing, flight)
    if (joined.length > 0) await Promise.all([making, this.join(ask, joined)])
    const segments = await making
    // If all rows are new, the shard's segments are the answer.
    const isWhole = missing.length === ask.keys.length && !this.parts.isExplained
    return segments !== undefined && isWhole ? segments : ask.answer.toSegments()
  }

  /** Has rows predicted, caches them, and hands them to the requests that wait for them. */
  private async make(
    ask: Ask,
    rows: readonly number[],
    flight = new Flight(this.parts.flights, pick(ask.keys, rows)),
  ): Promise<readonly Segment[]> {
    const { space, taker } = this.parts
    space.misses(rows.length)
    try {
      const segments = await taken(taker, ask, rows)
      let from = 0
      for (const segment of segments) {
        const members = rows.slice(from, from + segment.rows)
        if (segment.tensors === undefined) fail(ask, members, segment, flight)
        else this.keep(ask, members, segment, flight)
        from += segment.rows
      }
      return segments
    } finally {
      flight.end()
    }
  }

  private keep(ask: Ask, members: readonly number[], segment: MadeSegment, flight: Flight): void {
    const { space, store } = this.parts
    const { model, outputs, ttlMs } = space
    const rows = keptRows(segment.tensors, segment.rows)
    const columns = columnsOf(ask, members)
    const { errors } = model.postprocess(segment.tensors, columns, segment.rows, outputs)
    const kept: number[] = []
    for (let at = 0; at < members.length; at++) {
      const row = members[at]
      ask.answer.made(row, rows[at], 'miss', segment)
      flight.land(ask.keys[row], rows[at], segment)
      if (errors?.[at] === undefined) kept.push(at)
    }
    if (kept.length === 0) return
    const keys = kept.map((at) => ask.keys[members[at]])
    store.write(keys, kept.length === rows.length ? rows : pick(rows, kept), ttlMs)
  }

  /**
   * Takes rows from other requests. Rows that those gave up are predicted after all, once for all that still wait; but
   * who waited twice in vain waits for nobody else, or a shard that refuses rows would be asked by one after another.
   */
  private async join(ask: Ask, joined: readonly JoinedRow[], isAgain = false): Promise<void> {
    const { space, clock } = this.parts
    const { givenUp, hits } = await joinRows(ask, joined, clock)
    space.hits(hits)
    space.shared(joined.length - hits - givenUp.length)
    if (givenUp.length === 0) return
    const { own, joined: next } = isAgain ? { own: givenUp, joined: [] } : this.parted(ask.keys, givenUp)
    await Promise.all([
      own.length === 0 ? undefined : this.make(ask, own),
      next.length === 0 ? undefined : this.join(ask, next, true),
    ])
  }
}

type MadeSegment = Extract<Segment, { readonly error?: undefined }>

function fail(ask: Ask, members: readonly number[], segment: Segment, flight: Flight): void {
  for (const row of members) {
    ask.answer.fail(row, segment.error!)
    flight.land(ask.keys[row], undefined, segment)
  }
}
