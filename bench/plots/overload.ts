import type { OverloadResult, OverloadRound, OverloadRounds } from '../overloadResult'
import { type Bar, barChart } from './bars'
import type { Paint } from './svg'

/** What is left at twice the capacity, and what it is to be. */
export function plotOverload(results: readonly OverloadResult[]): string {
  const panel = (title: string, mark: { value: number; text: string }, figure: Figure) => ({
    title,
    mark,
    bars: results.flatMap(({ case: name, presage, handwritten }) => [
      barOf(name, 'own', presage, figure),
      barOf('', 'floor', handwritten, figure),
    ]),
  })
  const [{ times, deadlineMs }] = results
  return barChart(
    `At ${times} times what each can do, with ${deadlineMs} ms for each request`,
    [
      panel('goodput, of capacity', { value: 0.9, text: 'at least 90 %' }, ({ goodput }) => goodput),
      panel(
        'admitted and in time',
        { value: 0.99, text: 'at least 99 %' },
        ({ admittedInTime }) => admittedInTime,
      ),
      panel('CPU on refusals', { value: 0.05, text: 'below 5 %' }, ({ refusalCpuShare }) => refusalCpuShare),
    ],
    [
      { paint: 'own', text: 'Presage' },
      { paint: 'floor', text: 'by hand, with a counter' },
    ],
  )
}

type Figure = (round: OverloadRound) => number

function barOf(label: string, paint: Paint, { median, rounds }: OverloadRounds, figure: Figure): Bar {
  const all = rounds.map(figure)
  return {
    label,
    parts: [{ value: figure(median), paint }],
    spread: [Math.min(...all), Math.max(...all)],
    text: `${(figure(median) * 100).toFixed(1)} %`,
  }
}
