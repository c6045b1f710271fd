import type { EventLoopResult } from '../eventLoopResult'
import { barChart } from './bars'

/** The event loop's delay at 80 % load, alone and beside a slow model. */
export function plotEventLoop(results: readonly EventLoopResult[]): string {
  const panels = results.map(({ case: name, alone, besideSlow }) => ({
    title: `${name}, p99 of the event loop's delay`,
    mark: { value: 10, text: 'below 10 ms' },
    bars: [
      { label: 'alone', paint: 'own' as const, measured: alone },
      { label: 'beside slow-mlp', paint: 'extra' as const, measured: besideSlow },
    ].map(({ label, paint, measured: { median, rounds } }) => {
      const all = rounds.map(({ delayP99 }) => delayP99)
      return {
        label,
        parts: [{ value: median.delayP99, paint }],
        spread: [Math.min(...all), Math.max(...all)] as const,
        text: `${median.delayP99.toFixed(1)} ms`,
      }
    }),
  }))
  return barChart('p99 of the delay of the event loop, milliseconds', panels, [
    { paint: 'own', text: `at ${(results[0].load * 100).toFixed(0)} % load` },
    { paint: 'extra', text: 'the same, while a slow model is asked on another shard' },
  ])
}
