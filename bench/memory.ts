import { exampleCases } from './cases'
import { closedLoop } from './closedLoop'
import { bodies } from './measure'
import { residentMegabytesOf } from './processTree'
import { startPresage } from './servers'
import { full } from './settings'

export interface MemoryResult {
  readonly seconds: number
  readonly requests: number
  /** Megabytes when ready, then after each part of the load, which are equally long. */
  readonly residentMegabytes: readonly number[]
  readonly highest: number
  /** Megabytes a minute, by the line of least squares through the samples after the first third, in which heaps find their size. */
  readonly growthPerMinute: number
}

const fewestSamples = 6
const sampleSeconds = 10

/** Whether Presage's memory stays flat under load: all cases that the example answers, in turn, and a sample every ten seconds. */
export async function measureMemory(seconds = 60): Promise<MemoryResult> {
  const server = await startPresage()
  try {
    const parts = Math.max(fewestSamples, Math.round(seconds / sampleSeconds))
    const partSeconds = seconds / parts
    const residentMegabytes = [residentMegabytesOf(server.pids)]
    let requests = 0
    for (let part = 1; part <= parts; part++) {
      for (const benchCase of exampleCases) {
        const share = partSeconds / exampleCases.length
        const result = await closedLoop(server.url, full.clients, share, bodies(benchCase, part, server))
        requests += result.requests
      }
      residentMegabytes.push(residentMegabytesOf(server.pids))
    }
    const settled = residentMegabytes.slice(Math.ceil(parts / 3))
    return {
      seconds,
      requests,
      residentMegabytes,
      highest: Math.max(...residentMegabytes),
      growthPerMinute: (slope(settled) * 60) / partSeconds,
    }
  } finally {
    server.stop()
  }
}

/** Of the line of least squares through values at 0, 1, 2, ... */
export function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  let above = 0
  let below = 0
  for (const [at, value] of values.entries()) {
    above += (at - middle) * (value - mean)
    below += (at - middle) ** 2
  }
  return below === 0 ? 0 : above / below
}
