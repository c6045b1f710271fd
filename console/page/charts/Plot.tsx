import type { Signal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Values } from '../data/metrics'
import { format, formatTime, type Unit } from '../parts/format'
import { type DrawnSeries, lonely, stacked } from './chartSeries'
import { resolved } from './palette'

export interface PlotProps {
  readonly unit: Unit
  readonly times: readonly number[]
  readonly series: readonly DrawnSeries[]
  readonly isStacked: boolean
  /** The step under the pointer. */
  readonly at: Signal<number | null>
}

/** The picture of a chart alone; what it says stands in the table below it. */
export function Plot({ unit, times, series, isStacked, at }: PlotProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const scheme = useScheme()
  const shape = `${scheme} ${unit} ${isStacked} ${series.map(({ label }) => label).join('\n')}`
  const values = isStacked ? stacked(series) : series.map((one) => one.values)
  const data = [times.map((time) => time / 1000), ...values] as uPlot.AlignedData

  // Drawn anew only when the lines are others. New data come below.
  useEffect(() => {
    const element = place.current!
    const made = new uPlot(optionsOf(element.clientWidth, unit, series, isStacked, at), data, element)
    plot.current = made
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: plotHeight }))
    watch.observe(element)
    return () => {
      watch.disconnect()
      made.destroy()
    }
  }, [shape])
  useEffect(() => plot.current?.setData(data), [times, series])
  return <div class="plot" ref={place} aria-hidden="true" />
}

const plotHeight = 150

function optionsOf(
  width: number,
  unit: Unit,
  series: readonly DrawnSeries[],
  isStacked: boolean,
  at: Signal<number | null>,
): uPlot.Options {
  const axis = {
    stroke: resolved('--muted'),
    grid: { stroke: resolved('--line'), width: 1 },
    ticks: { show: false },
  }
  const line = ({ label, colour, dash }: DrawnSeries): uPlot.Series => ({
    label,
    stroke: resolved(colour),
    width: isStacked ? 1 : 2,
    ...(isStacked ? { fill: `${resolved(colour)}b0` } : { dash: [...dash] }),
    // Values without neighbours can be seen as well.
    points: isStacked
      ? { size: 6, show: false, filter: (plot, at) => lonely(plot.data[at] as Values) }
      : { size: 4 },
    spanGaps: false,
  })
  return {
    width,
    height: plotHeight,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 5 }, drag: { x: false, y: false }, sync: { key: 'console' } },
    scales: { x: { range: timeRange }, y: { range: (_, __, high) => [0, high > 0 ? high * 1.05 : 1] } },
    axes: [
      { ...axis, size: 24, values: (_, ticks) => timesOf(ticks), space: 70 },
      {
        ...axis,
        size: 58,
        values: (_, ticks) => ticks.map((tick) => format(tick, unit)),
        space: 30,
        ...(unit === 'bytes' && { incrs: powersOfTwo }),
      },
    ],
    series: [{}, ...series.map(line)],
    // Each layer is filled down to the one below it.
    ...(isStacked && {
      bands: series.slice(1).map((_, layer) => ({ series: [layer + 2, layer + 1] as [number, number] })),
    }),
    hooks: {
      setCursor: [
        (plot) => {
          at.value = plot.cursor.idx ?? null
        },
      ],
    },
  }
}

/** Around a single step, which would stand at the edge of a whole day, lies a minute. */
function timeRange(plot: uPlot, first: number, last: number): uPlot.Range.MinMax {
  return plot.data[0].length === 1 ? [plot.data[0][0] - 30, plot.data[0][0] + 30] : [first, last]
}

/** Axes of bytes have round numbers of KiB and MiB. */
const powersOfTwo = Array.from({ length: 45 }, (_, power) => 2 ** power)

function timesOf(ticks: readonly number[]): string[] {
  const length = ticks[1] - ticks[0] < 60 ? 8 : 5
  return ticks.map((tick) => formatTime(tick * 1000).slice(0, length))
}

/** `light` or `dark`, as the person has set it. */
function useScheme(): string {
  const [isDark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches)
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)')
    const look = () => setDark(query.matches)
    query.addEventListener('change', look)
    return () => query.removeEventListener('change', look)
  }, [])
  return isDark ? 'dark' : 'light'
}
