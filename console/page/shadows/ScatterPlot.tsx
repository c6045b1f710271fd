import { formatNumber } from '../parts/format'

export interface ScatterPlotProps {
  readonly points: readonly (readonly [across: number, up: number])[]
  readonly across: string
  readonly up: string
}

const size = 220
const margin = 26

/** One version's answers against another's: on the diagonal they are the same. The table beside it has the numbers. */
export function ScatterPlot({ points, across, up }: ScatterPlotProps) {
  const values = points.flat()
  const low = Math.min(...values)
  const span = Math.max(...values) - low || 1
  const at = (value: number) => margin + ((value - low) / span) * (size - 2 * margin)
  return (
    <svg class="scatter" viewBox={`0 0 ${size} ${size}`} aria-hidden="true">
      <line x1={margin} y1={size - margin} x2={size - margin} y2={margin} stroke="var(--line)" />
      {points.map(([x, y], index) => (
        <circle key={index} cx={at(x)} cy={size - at(y)} r="4" fill="var(--series-2)" fill-opacity="0.7" />
      ))}
      <text x={size / 2} y={size - 4} text-anchor="middle" font-size="11" fill="var(--muted)">
        {across}, {formatNumber(low)} to {formatNumber(low + span)}
      </text>
      <text
        x="10"
        y={size / 2}
        text-anchor="middle"
        font-size="11"
        fill="var(--muted)"
        transform={`rotate(-90 10 ${size / 2})`}
      >
        {up}
      </text>
    </svg>
  )
}
