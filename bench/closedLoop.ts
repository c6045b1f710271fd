import { Agent } from 'node:http'
import { post } from './post'

export interface LoopResult {
  readonly requests: number
  readonly seconds: number
  /** Milliseconds, sorted. */
  readonly latencies: readonly number[]
}

/** `clients` clients with a kept connection each ask one question after the other for `seconds`. Throws on any answer but 200 without errors. */
export async function closedLoop(
  url: string,
  clients: number,
  seconds: number,
  body: (n: number) => string,
): Promise<LoopResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const latencies: number[] = []
  const start = performance.now()
  const end = start + seconds * 1000
  let next = 0
  const client = async () => {
    while (performance.now() < end) {
      const sent = performance.now()
      await post(url, agent, body(next++))
      latencies.push(performance.now() - sent)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  const elapsed = (performance.now() - start) / 1000
  agent.destroy()
  latencies.sort((left, right) => left - right)
  return { requests: latencies.length, seconds: elapsed, latencies }
}
