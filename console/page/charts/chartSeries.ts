import type { Values } from '../data/metrics'
import { colours, dashes, otherColour } from './palette'

/** One line or layer of a chart. */
export interface ChartSeries {
  readonly label: string
  readonly values: Values
  /** Stands for all that have no line of their own. */
  readonly other?: boolean
}

export interface DrawnSeries extends ChartSeries {
  /** A CSS variable. */
  readonly colour: string
  readonly dash: readonly number[]
}

export function drawn(series: readonly ChartSeries[]): readonly DrawnSeries[] {
  return series.map((one, at) => ({
    ...one,
    colour: one.other ? otherColour : colours[at % colours.length],
    dash: dashes[at % dashes.length],
  }))
}

/** The sums from the first series up to each, which are the upper edges of the layers. */
export function stacked(series: readonly ChartSeries[]): readonly Values[] {
  let below: Values = []
  return series.map(({ values }) => {
    const before = below
    below = values.map((value, at) =>
      value === null && before[at] == null ? null : (value ?? 0) + (before[at] ?? 0),
    )
    return below
  })
}

/** The steps with a value between steps without any: neither a line nor a layer has a width there. */
export function lonely(values: Values): number[] {
  return values.flatMap((value, at) =>
    value !== null && values[at - 1] == null && values[at + 1] == null ? [at] : [],
  )
}

/** The value of the last step, which is over: an older one would not be that of now. */
export function latestOf(values: Values): number | null {
  return values.at(-1) ?? null
}

export function meanOf(values: Values): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}

export function peakOf(values: Values): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.max(...known)
}

/** Increases of a counter as a rate. */
export function perSecond(values: Values, stepMs: number): Values {
  return values.map((value) => (value === null ? null : (value * 1000) / stepMs))
}

export function sumOf(values: Values): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
}
