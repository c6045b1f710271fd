import type { CaseResult } from './caseResult'
import type { MemoryResult } from './memory'

/** Writes one case for people: a line for each contestant, Presage's ratio at its end. */
export function printCase({ title, model, rawRunMicros, servers, ratios }: CaseResult): void {
  console.log(`${title}  (${model}; a bare run takes ${rawRunMicros.toFixed(0)} µs)`)
  for (const [name, { median, residentMegabytes }] of Object.entries(servers)) {
    const { requestsPerSecond, p50, p99, p999, cpuMicros, predictionsPerCpuSecond } = median
    const figures = [
      `${cell(requestsPerSecond, 0)} requests/s`,
      `p50 ${cell(p50, 2)} ms`,
      `p99 ${cell(p99, 2)} ms`,
      `p99.9 ${cell(p999, 2)} ms`,
      `CPU ${cell(cpuMicros, 0)} µs`,
      `${cell(predictionsPerCpuSecond, 0, 9)} predictions/CPU s`,
      `${cell(residentMegabytes, 0, 4)} MB`,
    ]
    const ratio = ratios[name]
    const compared = ratio
      ? `  Presage: ${ratio.median.toFixed(2)} times (${ratio.lowest.toFixed(2)} to ${ratio.highest.toFixed(2)})`
      : ''
    console.log(`  ${name.padEnd(14)}${figures.join('  ')}${compared}`)
  }
  console.log('')
}

export function printMemory({ seconds, requests, residentMegabytes }: MemoryResult): void {
  const samples = residentMegabytes.map((sample) => sample.toFixed(0)).join(', ')
  console.log(`memory of Presage over ${seconds} s of load, ${requests} requests: ${samples} MB\n`)
}

function cell(value: number, digits: number, width = 7): string {
  return value.toFixed(digits).padStart(width)
}
