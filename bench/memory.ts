import { cases } from './cases'
import { closedLoop } from './closedLoop'
import { bodies } from './measure'
import { residentMegabytesOf } from './processTree'
import { startPresage } from './servers'
import { full } from './settings'

const SECONDS = 60

export interface MemoryResult {
  readonly seconds: number
  readonly requests: number
  /** Megabytes when ready, then after every sixth of the load. */
  readonly residentMegabytes: readonly number[]
}

/** Whether Presage's memory stays flat: a minute of load, all cases in turn, a sample after each sixth of it. */
export async function measureMemory(): Promise<MemoryResult> {
  const server = await startPresage()
  const residentMegabytes = [residentMegabytesOf(server.pids)]
  let requests = 0
  for (let part = 1; part <= 6; part++) {
    for (const benchCase of cases) {
      const seconds = SECONDS / 6 / cases.length
      const result = await closedLoop(server.url, full.clients, seconds, bodies(benchCase, part))
      requests += result.requests
    }
    residentMegabytes.push(residentMegabytesOf(server.pids))
  }
  server.stop()
  return { seconds: SECONDS, requests, residentMegabytes }
}
