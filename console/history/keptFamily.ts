import type { HistogramReading, MetricReadings } from '../../lib/metricReadings'
import type { Group } from '../metrics/group'
import type { KeptMetric } from '../metrics/keptMetrics'
import { isAsked, labelsApart, type Question } from '../metrics/question'
import type { FoundGroups } from '../metrics/showGroups'
import { Column } from './column'
import type { Room } from './room'

/** A step: its number, counted from 0, and its place in the rows. */
export interface Step {
  readonly number: number
  readonly slot: number
}

/** The latest steps of all series of one metric. */
export class KeptFamily {
  /** By the series' reading. */
  private readonly columns = new Map<object, Column>()
  /** The sum of all series; exact even where there is no room for each of them. */
  private sum = new Column({}, 1)
  private bounds: readonly number[] = []

  /** `steps` is how many are kept. */
  constructor(
    private readonly metric: KeptMetric,
    private readonly readings: MetricReadings,
    private readonly steps: number,
    private readonly room: Room,
  ) {
    // What was counted before is no increase of the first step.
    if (metric.kind === 'counter') {
      for (const reading of readings.counters(metric.name))
        if (reading.total !== 0) this.columnOf(reading, 1).seen[0] = reading.total
    } else if (metric.kind === 'histogram') {
      for (const reading of readings.histograms(metric.name))
        if (reading.count !== 0) this.columnOf(reading, reading.counts.length).seen.set(reading.counts)
    }
  }

  /** Reads all series at the end of a step. */
  take(step: Step): void {
    this.sum.clear(step.slot)
    for (const column of this.columns.values()) column.clear(step.slot)
    if (this.metric.kind === 'counter') this.takeCounters(step)
    else if (this.metric.kind === 'gauge') this.takeGauges(step)
    else for (const reading of this.readings.histograms(this.metric.name)) this.takeHistogram(reading, step)
  }

  /** Forgets series whose values are all zero. */
  sweep(step: Step): void {
    for (const [reading, column] of this.columns) {
      if (column.latest > step.number - this.steps) continue
      this.room.giveBack(column)
      // A gauge has no total to remember, and may be gone for good.
      if (this.metric.kind === 'gauge') this.columns.delete(reading)
    }
  }

  /** What a question is about. `slots` are the places of the steps to show, `from` is the number of the first one. */
  find(question: Question, slots: readonly number[], from: number): FoundGroups {
    const { metric, bounds } = this
    const apart = labelsApart(question, metric)
    const columns = [...this.columns.values()].filter(
      ({ first, labels }) => first !== undefined && isAsked(question, labels),
    )
    const groups = new Map<string, Column[]>()
    for (const column of columns) {
      const key = JSON.stringify(apart.map((label) => column.labels[label]))
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [column])
      else group.push(column)
    }
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

  private takeCounters(step: Step): void {
    for (const reading of this.readings.counters(this.metric.name)) {
      const { total } = reading
      if (total === 0) continue
      const column = this.columnOf(reading, 1)
      const increase = total - column.seen[0]
      if (increase === 0) continue
      column.seen[0] = total
      this.put(column, step, increase)
    }
  }

  private takeGauges(step: Step): void {
    for (const reading of this.readings.gauges(this.metric.name)) {
      const value = reading.read()
      if (value !== 0) this.put(this.columnOf(reading, 1), step, value)
    }
  }

  private put(column: Column, { number, slot }: Step, value: number): void {
    makeRow(this.sum, 0, Float64Array, this.steps)
    this.sum.add(0, slot, value)
    if (!this.makeRoom(column, [0], Float64Array, number)) return
    column.first ??= number
    column.latest = number
    column.add(0, slot, value)
  }

  private takeHistogram(reading: HistogramReading, { number, slot }: Step): void {
    const { count, counts, bounds } = reading
    if (count === 0) return
    if (this.sum.rows.length < counts.length) {
      this.bounds = bounds
      this.sum = new Column({}, counts.length)
    }
    const column = this.columnOf(reading, counts.length)
    const { seen } = column
    const changed: number[] = []
    for (let bucket = 0; bucket < counts.length; bucket++)
      if (counts[bucket] !== seen[bucket]) changed.push(bucket)
    if (changed.length === 0) return
    const hasRoom = this.makeRoom(column, changed, Uint32Array, number)
    for (const bucket of changed) {
      const increase = counts[bucket] - seen[bucket]
      seen[bucket] = counts[bucket]
      makeRow(this.sum, bucket, Uint32Array, this.steps)
      this.sum.add(bucket, slot, increase)
      if (hasRoom) column.add(bucket, slot, increase)
    }
    if (!hasRoom) return
    column.first ??= number
    column.latest = number
  }

  private columnOf(reading: { readonly labels: Column['labels'] }, width: number): Column {
    let column = this.columns.get(reading)
    if (column === undefined) {
      column = new Column(reading.labels, width)
      this.columns.set(reading, column)
    }
    return column
  }

  /** Whether a column has rows for these places now. If there is no room for all, it loses those that it has. */
  private makeRoom(column: Column, places: readonly number[], Kind: RowKind, step: number): boolean {
    // Without labels there is one series, which is the sum.
    if (this.metric.labels.length === 0) return false
    const missing = places.filter((place) => column.rows[place] === undefined)
    if (missing.length === 0) return true
    if (this.room.take(column, missing.length * this.steps * Kind.BYTES_PER_ELEMENT, step)) {
      for (const place of missing) makeRow(column, place, Kind, this.steps)
      return true
    }
    this.room.giveBack(column)
    return false
  }
}

type RowKind = Float64ArrayConstructor | Uint32ArrayConstructor

function makeRow(column: Column, place: number, Kind: RowKind, steps: number): void {
  column.rows[place] ??= new Kind(steps)
}
