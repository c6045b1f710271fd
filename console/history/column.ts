/** The steps of one series. Rows take memory from their first value on that is not zero. */
export class Column {
  /** One row of a counter or gauge; of a histogram one per bucket. Undefined stands for zeros. */
  readonly rows: (Float64Array | Uint32Array | undefined)[]
  /** The number of the step that first had a value; undefined if there is nothing to show. */
  first: number | undefined
  /** The number of the last step whose value was not zero. */
  latest = -1
  /** The sum of all values. */
  weight = 0

  constructor(
    readonly labels: Readonly<Record<string, string>>,
    width: number,
  ) {
    this.rows = new Array(width).fill(undefined)
  }

  get bytes(): number {
    return this.rows.reduce((sum, row) => sum + (row?.byteLength ?? 0), 0)
  }

  /** Makes the values of a step zero. */
  clear(slot: number): void {
    for (const row of this.rows) {
      if (row === undefined) continue
      this.weight -= row[slot]
      row[slot] = 0
    }
  }

  /** Adds to a value of a row that exists. */
  add(place: number, slot: number, value: number): void {
    this.rows[place]![slot] += value
    this.weight += value
  }

  /** Adds the values of some steps to rows of the same places. */
  addTo(rows: readonly Float64Array[], slots: readonly number[]): void {
    for (let place = 0; place < this.rows.length; place++) {
      const from = this.rows[place]
      if (from === undefined) continue
      const to = rows[place]
      for (let step = 0; step < slots.length; step++) to[step] += from[slots[step]]
    }
  }

  /** Forgets the steps. */
  drop(): void {
    this.rows.fill(undefined)
    this.first = undefined
    this.weight = 0
  }
}
