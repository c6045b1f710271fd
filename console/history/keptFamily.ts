import { getOrMake, groupBy } from '../../lib/groups'
import type { Group } from '../metrics/group'
import type { KeptMetric } from '../metrics/keptMetrics'
import { isAsked, labelsApart, type Question } from '../metrics/question'
import type { FoundGroups } from '../metrics/showGroups'
import { Column } from './column'
import type { Increase } from './increases'
import type { Room } from './room'

/** A step: its number, counted from 0, and its place in the rows. */
export interface Step {
  readonly number: number
  readonly slot: number
}

/** The latest steps of all series of one metric. */
export class KeptFamily {
  private readonly columns = new Map<Column['labels'], Column>()
  /** The sum of all series; exact even where there is no room for each of them. */
  private sum = new Column({}, 1)
  private bounds: readonly number[] = []
  private readonly Row: Float64ArrayConstructor | Uint32ArrayConstructor

  /** `steps` is how many are kept. */
  constructor(
    private readonly metric: KeptMetric,
    private readonly steps: number,
    private readonly room: Room,
  ) {
    this.Row = metric.kind === 'histogram' ? Uint32Array : Float64Array
  }

  /** Begins a step in the place of the oldest one. */
  begin({ slot }: Step): void {
    this.sum.clear(slot)
    for (const column of this.columns.values()) column.clear(slot)
  }

  /** Adds what has happened to series in a step. */
  add({ bounds = [], series }: Increase, { number, slot }: Step): void {
    for (const { labels, by } of series) {
      if (this.sum.rows.length < by.length) {
        this.bounds = bounds
        this.sum = new Column({}, by.length)
      }
      const column = getOrMake(this.columns, labels, () => new Column(labels, by.length))
      const hasRoom = this.makeRoom(column, by, number)
      for (let place = 0; place < by.length; place++) {
        if (by[place] === 0) continue
        this.makeRow(this.sum, place)
        this.sum.add(place, slot, by[place])
        if (hasRoom) column.add(place, slot, by[place])
      }
      if (!hasRoom) continue
      column.first ??= number
      column.latest = number
    }
  }

  /** Forgets series whose values are all zero. */
  sweep(step: Step): void {
    for (const [labels, column] of this.columns) {
      if (column.latest > step.number - this.steps) continue
      this.room.giveBack(column)
      this.columns.delete(labels)
    }
  }

  /** What a question is about. `slots` are the places of the steps to show, `from` is the number of the first one. */
  find(question: Question, slots: readonly number[], from: number): FoundGroups {
    const { metric, bounds } = this
    const apart = labelsApart(question, metric)
    const columns = [...this.columns.values()].filter(
      ({ first, labels }) => first !== undefined && isAsked(question, labels),
    )
    const groups = groupBy(columns, ({ labels }) => JSON.stringify(apart.map((label) => labels[label])))
    const isPart = question.where.size > 0
    return {
      metric,
      bounds,
      groups: [...groups.values()].map((members) => {
        const labels = Object.fromEntries(apart.map((label) => [label, members[0].labels[label]]))
        const first = Math.min(...members.map((column) => column.first!)) - from
        return this.group(labels, members, slots, Math.max(0, first))
      }),
      whole: this.group({}, isPart ? columns : [this.sum], slots, 0),
      counted: 0,
    }
  }

  private group(
    labels: Group['labels'],
    columns: readonly Column[],
    slots: readonly number[],
    first: number,
  ): Group {
    return {
      labels,
      weight: columns.reduce((sum, { weight }) => sum + weight, 0),
      read: () => {
        const rows = this.sum.rows.map(() => new Float64Array(slots.length))
        for (const column of columns) column.addTo(rows, slots)
        return { first, rows }
      },
    }
  }

  /** Whether a column has rows for what has happened now. If there is no room for all, it loses those that it has. */
  private makeRoom(column: Column, by: readonly number[], step: number): boolean {
    // Without labels there is one series, which is the sum.
    if (this.metric.labels.length === 0) return false
    let missing = 0
    for (let place = 0; place < by.length; place++)
      if (by[place] !== 0 && column.rows[place] === undefined) missing++
    if (missing === 0) return true
    if (!this.room.take(column, missing * this.steps * this.Row.BYTES_PER_ELEMENT, step)) {
      this.room.giveBack(column)
      return false
    }
    for (let place = 0; place < by.length; place++) if (by[place] !== 0) this.makeRow(column, place)
    return true
  }

  private makeRow(column: Column, place: number): void {
    column.rows[place] ??= new this.Row(this.steps)
  }
}
