import type { AllocationResult } from './allocationResult'
import type { CaseResult } from './caseResult'
import type { EqualLoad, Latency } from './equalLoad'
import type { EventLoopResult, LoopRound } from './eventLoopResult'
import type { MemoryResult } from './memory'
import type { OverloadResult } from './overloadResult'
import type { Stages } from './stages'

/** Writes one case for people: a line for each contestant, Presage's ratio at its end. */
export function printCase({ title, model, rawRunMicros, servers, ratios, ...result }: CaseResult): void {
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
    if (median.stages !== undefined) printStages(median.stages)
  }
  const alone = Object.entries(result.alone).map(([name, { p50 }]) => `${name} ${p50.toFixed(2)} ms`)
  console.log(`  one client alone, p50: ${alone.join(', ')}`)
  console.log('  at the same constant rate, p50 and p99 from when a request was to be sent:')
  for (const [name, load] of Object.entries(result.equalLoad)) printEqualLoad(name, load)
  console.log('')
}

function printEqualLoad(name: string, { perSecond, own, other }: EqualLoad): void {
  const latency = ({ p50, p99, answered }: Latency) =>
    `${p50.toFixed(1)} and ${p99.toFixed(1)} ms${answered < 1 ? ` (${percent(answered)} answered)` : ''}`
  const rate = `${perSecond.toFixed(0)} requests/s`
  console.log(`  ${name.padEnd(14)}${rate.padStart(18)}  it ${latency(other)}, Presage ${latency(own)}`)
}

function printStages({ http, queue, tensors, run, eventLoopDelayP99 }: Stages): void {
  const micros = { http, queue, tensors, run }
  const means = Object.entries(micros).map(([name, value]) => `${name} ${value.toFixed(0)} µs`)
  console.log(`${' '.repeat(16)}${means.join(', ')}, event loop delay p99 ${eventLoopDelayP99.toFixed(1)} ms`)
}

export function printMemory(result: MemoryResult): void {
  const { seconds, requests, residentMegabytes, highest, growthPerMinute } = result
  const samples = residentMegabytes.map((sample) => sample.toFixed(0)).join(', ')
  console.log(`memory of Presage over ${seconds} s of load, ${requests} requests: ${samples} MB`)
  console.log(`  at most ${highest.toFixed(0)} MB; it grows by ${growthPerMinute.toFixed(2)} MB a minute\n`)
}

export function printAllocations({ cases, model, rooms }: AllocationResult): void {
  console.log(`bytes of the JavaScript heap, ${cases.join(' against ')}  (${model})`)
  for (const { room, aRow, aRequest } of rooms) {
    if (Math.abs(aRow) < 0.5 && aRequest < 100) continue
    console.log(`  ${room.padEnd(44)}${cell(aRow, 1, 9)} a row ${cell(aRequest, 0, 9)} a request`)
  }
  console.log('')
}

export function printEventLoop(result: EventLoopResult): void {
  const { title, model, capacity, load, alone, besideSlow, slowAnswers } = result
  const line = (name: string, { delayP99, p50, p99, answered }: LoopRound) =>
    console.log(
      `  ${name.padEnd(16)}event loop delay p99 ${delayP99.toFixed(1)} ms; answers p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (${percent(answered)})`,
    )
  console.log(
    `${title}  (${model}), at ${percent(load)} of its capacity of ${capacity.toFixed(0)} requests/s`,
  )
  line('alone', alone.median)
  line('beside slow-mlp', besideSlow.median)
  console.log(`  slow-mlp answered ${slowAnswers} times meanwhile\n`)
}

export function printOverload(result: OverloadResult): void {
  const { title, times, deadlineMs, presage, handwritten, refusal } = result
  console.log(`${title}, at ${times} times the capacity, ${deadlineMs} ms for each request`)
  for (const [name, { median, rounds }] of Object.entries({ presage, handwritten })) {
    const goodputs = rounds.map(({ goodput }) => percent(goodput)).join(', ')
    console.log(`  ${name}, of a capacity of ${median.capacity.toFixed(0)} requests/s`)
    console.log(`    goodput              ${percent(median.goodput)} (${goodputs})`)
    console.log(`    admitted, in time    ${percent(median.admittedInTime)}`)
    console.log(
      `    refused              ${percent(median.refused)}, given up later ${percent(median.expired)}`,
    )
    console.log(
      `    CPU on refusals      ${percent(median.refusalCpuShare)}, ${median.refusalCpuMicros.toFixed(0)} µs each`,
    )
    console.log(
      `    answers              p50 ${median.p50.toFixed(1)} ms, p99 ${median.p99.toFixed(1)} ms; the load was late by ${median.loadLateP99.toFixed(1)} ms (p99)`,
    )
  }
  console.log(`  a refusal by node:http that does nothing else: ${refusal.median.toFixed(0)} µs CPU\n`)
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function cell(value: number, digits: number, width = 7): string {
  return value.toFixed(digits).padStart(width)
}
