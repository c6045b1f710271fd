import type { Segment } from '../../workers/shard'
import type { KeptRow } from './keptRow'

/** The outcome of one row: its answer unless it failed, and the segment that answered it unless it was cached. */
export interface RowOutcome {
  readonly row: KeptRow | undefined
  readonly segment: Segment | undefined
}

/** By key, the rows being looked up or predicted now, for all requests of the process. */
export type Flights = Map<string, Flight>

/** Rows that one request looks up or has predicted, and that other requests for the same rows wait for. */
export class Flight {
  /** Resolves when all its rows are answered or given up. Never rejects. */
  readonly done: Promise<void>
  isOver = false
  private readonly landed = new Map<string, RowOutcome>()
  private isAwaited = false
  private finish!: () => void

  /** Registers the flight for each of its keys, until that row has landed or the flight ends. */
  constructor(
    private readonly flights: Flights,
    private readonly keys: readonly string[],
  ) {
    for (const key of keys) flights.set(key, this)
    this.done = new Promise((resolve) => {
      this.finish = resolve
    })
  }

  /** Call before the rows land to be able to read their outcomes. */
  join(): void {
    this.isAwaited = true
  }

  /** The outcome of a row; undefined while it is pending, and forever if it was given up. */
  of(key: string): RowOutcome | undefined {
    return this.landed.get(key)
  }

  land(key: string, row: KeptRow | undefined, segment: Segment | undefined): void {
    if (this.isAwaited) this.landed.set(key, { row, segment })
    this.leave(key)
  }

  end(): void {
    if (this.isOver) return
    this.isOver = true
    for (const key of this.keys) this.leave(key)
    this.finish()
  }

  /** A request that waited in vain for this flight may have registered another one for the key. */
  private leave(key: string): void {
    if (this.flights.get(key) === this) this.flights.delete(key)
  }
}
