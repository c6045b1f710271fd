import { countSince } from '../charts/countSince'
import { useMetrics } from '../data/useMetrics'
import { formatCount } from '../parts/format'

export interface NoUnitNoteProps {
  readonly objective: string
  /** When the span counted begins. */
  readonly start: number
}

/** Tells of requests that a draw was due for and that had no unit, since they explain shares that are off. */
export function NoUnitNote({ objective, start }: NoUnitNoteProps) {
  const { data } = useMetrics({ names: ['presage_routing_no_unit_total'], by: [], where: { objective } })
  const count = countSince(data, start, () => true)
  if (Math.round(count) === 0) return null
  return (
    <p class="warnings">
      {formatCount(count)} decisions had no unit to draw by, so no experiment, canary or shadow applied to
      them.
    </p>
  )
}
