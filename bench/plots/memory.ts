import type { MemoryResult } from '../memory'
import { lineChart } from './lineChart'

/** Presage's memory over time under load. */
export function plotMemory({ seconds, residentMegabytes }: MemoryResult): string {
  const step = seconds / 60 / (residentMegabytes.length - 1)
  return lineChart({
    title: 'Memory of Presage under load, megabytes over minutes',
    points: residentMegabytes.map((megabytes, at) => [at * step, megabytes]),
    xUnit: 'minutes',
    yUnit: 'MB resident',
    mark: 300,
  })
}
