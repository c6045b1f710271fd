import { barChart } from './bars'
import type { Results } from './results'

/** p99 of Presage and each other at a rate that both can keep. */
export function plotEqualLoad(cases: NonNullable<Results['cases']>): string | undefined {
  const panels = cases.flatMap(({ case: name, equalLoad = {} }) => {
    const bars = Object.entries(equalLoad).flatMap(([server, { perSecond, own, other }]) => [
      {
        label: server,
        parts: [{ value: other.p99, paint: 'other' as const }],
        text: `${other.p99.toFixed(1)} ms${other.answered < 1 ? ', not all answered' : ''}`,
      },
      {
        label: `at ${perSecond.toFixed(0)}/s`,
        parts: [{ value: own.p99, paint: 'own' as const }],
        text: `${own.p99.toFixed(1)} ms${own.answered < 1 ? ', not all answered' : ''}`,
      },
    ])
    return bars.length === 0 ? [] : [{ title: name, bars }]
  })
  if (panels.length === 0) return undefined
  return barChart('p99 at the same constant rate, milliseconds', panels, [
    { paint: 'own', text: 'Presage' },
    { paint: 'other', text: 'the other, at the same rate: 60 % of what the slower of the two can do' },
  ])
}
