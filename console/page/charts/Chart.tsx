import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import type { Unit } from '../parts/format'
import { ChartTable } from './ChartTable'
import { type ChartSeries, drawn } from './chartSeries'
import { Plot } from './Plot'
import { StepTable } from './StepTable'

export interface ChartProps {
  readonly title: string
  /** What exactly is counted, in one sentence. */
  readonly note?: string
  readonly unit: Unit
  /** Ends of the steps, in milliseconds. */
  readonly times: readonly number[]
  readonly series: readonly ChartSeries[]
  readonly isStacked?: boolean
  /** What to say where there is nothing to draw. */
  readonly empty: string
}

/** A chart over time with its legend, which is a table of the same numbers; a second table has every step. */
export function Chart({ title, note, unit, times, series, isStacked = false, empty }: ChartProps) {
  const id = useId()
  const at = useSignal<number | null>(null)
  const all = drawn(series)
  return (
    <figure class="chart" aria-labelledby={id}>
      <figcaption id={id}>
        <h3>{title}</h3>
      </figcaption>
      {note !== undefined && <p class="note">{note}</p>}
      {all.length === 0 ? (
        <p class="empty">{empty}</p>
      ) : (
        <>
          <Plot unit={unit} times={times} series={all} isStacked={isStacked} at={at} />
          <ChartTable title={title} unit={unit} times={times} series={all} at={at} />
          <StepTable title={title} unit={unit} times={times} series={all} />
        </>
      )}
    </figure>
  )
}
