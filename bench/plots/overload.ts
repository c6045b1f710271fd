import type { OverloadResult } from '../overloadResult'
import { barChart } from './bars'

/** What is left at twice the capacity, and what it is to be. */
export function plotOverload(results: readonly OverloadResult[]): string {
  const panel = (
    title: string,
    mark: { value: number; text: string },
    figure: (round: OverloadResult['median']) => number,
  ) => ({
    title,
    mark,
    bars: results.map(({ case: name, median, rounds }) => {
      const all = rounds.map(figure)
      return {
        label: name,
        parts: [{ value: figure(median), paint: 'own' as const }],
        spread: [Math.min(...all), Math.max(...all)] as const,
        text: `${(figure(median) * 100).toFixed(1)} %`,
      }
    }),
  })
  const [{ times, deadlineMs }] = results
  return barChart(
    `At ${times} times the capacity, with ${deadlineMs} ms for each request`,
    [
      panel('goodput, of capacity', { value: 0.9, text: 'at least 90 %' }, ({ goodput }) => goodput),
      panel(
        'admitted and in time',
        { value: 0.99, text: 'at least 99 %' },
        ({ admittedInTime }) => admittedInTime,
      ),
      panel('CPU on refusals', { value: 0.05, text: 'below 5 %' }, ({ refusalCpuShare }) => refusalCpuShare),
    ],
    [{ paint: 'own', text: `Presage, at ${times} times its capacity` }],
  )
}
