import type { Column } from './column'

/** Bounds the memory of all rows. Where there is no room, series that were idle for the longest time leave. */
export class Room {
  private readonly columns = new Set<Column>()
  private used = 0
  /** Those that may leave in this step, the longest idle one last. */
  private idle: Column[] | undefined

  constructor(private readonly maxBytes: number) {}

  get bytes(): number {
    return this.used
  }

  /** To be called before each step. */
  beginStep(): void {
    this.idle = undefined
  }

  /** Takes memory for rows of a column in a step; false if there is none. */
  take(column: Column, bytes: number, step: number): boolean {
    if (this.used + bytes > this.maxBytes) this.makeRoom(column, bytes, step)
    if (this.used + bytes > this.maxBytes) return false
    this.used += bytes
    this.columns.add(column)
    return true
  }

  giveBack(column: Column): void {
    if (!this.columns.delete(column)) return
    this.used -= column.bytes
    column.drop()
  }

  private makeRoom(asking: Column, bytes: number, step: number): void {
    this.idle ??= [...this.columns].sort((one, other) => other.latest - one.latest)
    while (this.used + bytes > this.maxBytes && this.idle.length > 0) {
      const column = this.idle.pop()!
      // Series that are busy do not drive each other out. The one that asks is busy again, and keeps the rows that it has.
      if (column !== asking && column.latest < step - idleSteps) this.giveBack(column)
    }
  }
}

/** A series without traffic for so many steps is idle. */
const idleSteps = 6
