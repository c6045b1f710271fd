import { own } from '../servers'
import { barChart } from './bars'
import type { Results } from './results'

/** Presage's CPU of a request: what it spends in the runtime, on building tensors, and on all the rest. */
export function plotStages(cases: NonNullable<Results['cases']>): string | undefined {
  const bars = cases.flatMap(({ case: name, servers }) => {
    const { cpuMicros, stages } = servers[own]?.median ?? {}
    if (cpuMicros === undefined || stages === undefined) return []
    const rest = Math.max(0, cpuMicros - stages.run - stages.tensors)
    return [
      {
        label: name,
        parts: [
          { value: stages.run, paint: 'floor' as const },
          { value: stages.tensors, paint: 'extra' as const },
          { value: rest, paint: 'own' as const },
        ],
        text: `${stages.run.toFixed(0)} + ${stages.tensors.toFixed(0)} + ${rest.toFixed(0)}`,
      },
    ]
  })
  if (bars.length === 0) return undefined
  return barChart(
    'Where the CPU of a request goes, microseconds',
    [{ title: 'µs a request', bars }],
    [
      { paint: 'floor', text: 'runtime' },
      { paint: 'extra', text: 'tensors' },
      { paint: 'own', text: 'HTTP, GraphQL, the rest' },
    ],
  )
}
