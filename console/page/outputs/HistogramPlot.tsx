import type { DrawnSeries } from '../charts/chartSeries'
import { formatNumber } from '../parts/format'
import { type Bin, binsOf } from './bins'
import type { OutputDistribution } from './useDistributions'

export interface DistributionsProps {
  readonly distributions: readonly OutputDistribution[]
  /** Colour and dash of each. */
  readonly series: readonly DrawnSeries[]
}

const width = 400
const height = 140

/** Histograms over each other: heights are shares by width, so that bins of different widths compare. */
export function HistogramPlot({ distributions, series }: DistributionsProps) {
  const all = distributions.map((one) => trimmed(binsOf(one)))
  const low = Math.min(...all.map((bins) => bins[0].from))
  const high = Math.max(...all.map((bins) => bins[bins.length - 1].to))
  const peak = Math.max(...all.flat().map(densityOf))
  const x = (value: number) => ((value - low) / (high - low || 1)) * width
  const y = (density: number) => height - (height - 2) * (density / peak)
  const outline = (bins: readonly Bin[]) =>
    `M${x(bins[0].from)},${y(0)}${bins.map((bin) => `V${y(densityOf(bin))}H${x(bin.to)}`).join('')}V${y(0)}`
  return (
    <>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        {all.map((bins, at) => (
          <path
            key={series[at].label}
            d={outline(bins)}
            fill={`var(${series[at].colour})`}
            fill-opacity="0.18"
            stroke={`var(${series[at].colour})`}
            stroke-width="2"
            stroke-dasharray={series[at].dash.join(' ')}
            vector-effect="non-scaling-stroke"
          />
        ))}
      </svg>
      <p class="range" aria-hidden="true">
        <span>{formatNumber(low)}</span>
        <span>{formatNumber(high)}</span>
      </p>
    </>
  )
}

function densityOf({ from, to, share }: Bin): number {
  return share / (to - from || 1)
}

/** Without empty bins at either end. */
function trimmed(bins: readonly Bin[]): readonly Bin[] {
  const isFull = ({ count }: Bin) => count > 0
  return bins.slice(bins.findIndex(isFull), bins.findLastIndex(isFull) + 1)
}
