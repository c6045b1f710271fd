import { floors, own } from '../servers'
import { barChart } from './bars'
import type { Results } from './results'
import type { Paint } from './svg'

/** Predictions for each second of CPU: a panel a case, a bar a server. */
export function plotCpu(cases: NonNullable<Results['cases']>): string {
  const panels = cases.map(({ case: name, servers }) => ({
    title: name,
    bars: Object.entries(servers).map(([server, { median, rounds }]) => {
      const all = rounds.map(({ predictionsPerCpuSecond }) => predictionsPerCpuSecond)
      return {
        label: server,
        parts: [{ value: median.predictionsPerCpuSecond, paint: paintOf(server) }],
        spread: [Math.min(...all), Math.max(...all)] as const,
        text: thousands(median.predictionsPerCpuSecond),
      }
    }),
  }))
  return barChart('Predictions for each second of CPU, by case and server', panels, [
    { paint: 'own', text: 'Presage' },
    { paint: 'other', text: 'peers' },
    { paint: 'floor', text: 'floors: hand-written, or nothing but HTTP' },
  ])
}

function paintOf(server: string): Paint {
  if (server === own) return 'own'
  return floors.includes(server) ? 'floor' : 'other'
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
