import { type Outcome, outcomeOf } from './outcome'
import { RawClient } from './rawClient'

export interface LoopResult {
  readonly requests: number
  readonly seconds: number
  /** Milliseconds, sorted. */
  readonly latencies: Float64Array
}

/**
 * `clients` clients with a kept connection each ask one question after the other for `seconds`. Throws on anything but the `expected` outcomes: by
 * default 200 without errors.
 */
export async function closedLoop(
  url: string,
  clients: number,
  seconds: number,
  body: (n: number) => string,
  expected: readonly Outcome[] = ['answered'],
): Promise<LoopResult> {
  const client = await RawClient.open(url, clients)
  const latencies: number[] = []
  const start = performance.now()
  const end = start + seconds * 1000
  let next = 0
  const askOn = (resolve: () => void, reject: (problem: Error) => void) => {
    const sent = performance.now()
    if (sent >= end) return resolve()
    client.send(client.prepare(body(next++)), {
      onAnswer({ status, body }) {
        if (!expected.includes(outcomeOf(status, body)))
          return reject(new Error(`status ${status}: ${body}`.slice(0, 320)))
        latencies.push(performance.now() - sent)
        // Its connection is free when this call is over.
        queueMicrotask(() => askOn(resolve, reject))
      },
      onFailure: (problem) => reject(new Error(problem)),
    })
  }
  try {
    await Promise.all(Array.from({ length: clients }, () => new Promise<void>(askOn)))
    const elapsed = (performance.now() - start) / 1000
    return {
      requests: latencies.length,
      seconds: elapsed,
      latencies: Float64Array.from(latencies).sort(),
    }
  } finally {
    client.close()
  }
}
