import type { Segment } from '../../workers/shard'
import type { KeptRow } from './keptRow'

/** What came of one row: what is kept of it unless it failed, and the run that made it unless it was kept already. */
export interface Landed {
  readonly row: KeptRow | undefined
  readonly segment: Segment | undefined
}

/** By key, what is on its way now, for all requests of the process. */
export type Flights = Map<string, Flight>

/** Rows that one request looks up or has made, and that others who ask the same wait for. */
export class Flight {
  /** Settles when all its rows have their answer or are given up. Never rejects. */
  readonly done: Promise<void>
  isOver = false
  private readonly landed = new Map<string, Landed>()
  private isAwaited = false
  private finish!: () => void

  /** Others find it from now on, until the row that they ask for has landed or all of it ends. */
  constructor(
    private readonly flights: Flights,
    private readonly keys: readonly string[],
  ) {
    for (const key of keys) flights.set(key, this)
    this.done = new Promise((resolve) => {
      this.finish = resolve
    })
  }

  /** Whoever wants its answers must say so before they are there. */
  join(): void {
    this.isAwaited = true
  }

  /** What came of a row; undefined while it is under way, and for ever if it was given up. */
  of(key: string): Landed | undefined {
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

  /** Who waited in vain for another flight may have begun one of their own for the key. */
  private leave(key: string): void {
    if (this.flights.get(key) === this) this.flights.delete(key)
  }
}
