import { join } from 'node:path'
import { BroadcastChannel } from 'node:worker_threads'
import { systemClock } from '../../lib/clock'
import { packageRoot } from '../../lib/packagePaths'
import type { StartWorker } from '../../workers/pool/startWorker'
import { startThreadWorker } from '../../workers/thread/threadWorker'
import { type Example, startExample } from '../support/example'
import { load } from '../support/load'

/** Threads that throw or end themselves, all at once, when the test says so on their channel. */
const startMortal: StartWorker = (id) => {
  const entry = join(packageRoot, 'tests/support/mortalThread.js')
  return startThreadWorker(id, { stallAfterMs: 10_000, clock: systemClock, entry })
}

let example: Example
let lost: string[]
const orders = new BroadcastChannel('mortalThread')

beforeAll(async () => {
  example = await startExample(
    ({ shards, server }) => ({
      shards: { main: { ...shards['main'], kind: 'thread', workers: 2, inline: 'never' } },
      // Until a replacement is there nobody answers, and the machine that runs the tests may be slow.
      server: { ...server, timeout: 20_000 },
    }),
    {
      startWorker: startMortal,
      log: (line) => {
        if (line.includes('was lost')) lost.push(line)
      },
    },
  )
})
beforeEach(() => {
  lost = []
})
afterAll(async () => {
  orders.close()
  await example.close()
})

it.each([
  ['throw', /it threw thrown by the test; another takes its place$/],
  ['end', /it ended itself with code 3; another takes its place$/],
])('every worker thread is told to %s between runs, under load: no request fails', async (order, reason) => {
  const calls = () => example.counter('presage_inference_exec_count_total')
  const begin = await calls()
  const deaths = async () => {
    await reaches(calls, begin + 20)
    orders.postMessage(order)
    await reaches(async () => lost.length, 2)
    await reaches(calls, (await calls()) + 20)
  }
  const { answered, failures } = await load(example.url, 8, nextQuery, deaths())
  expect(failures).toEqual([])
  expect(answered).toBeGreaterThan(50)
  expect(lost).toHaveLength(2)
  for (const line of lost) expect(line).toMatch(reason)
})

const nextQuery = (n: number) => ({
  query: 'query ($m: ID!, $s: Int) { titles(first: 20, skip: $s) { id predictedRating(memberId: $m) } }',
  variables: { m: String(1 + (n % 671)), s: n % 500 },
})

async function reaches(read: () => Promise<number>, goal: number): Promise<void> {
  while ((await read()) < goal) await new Promise((resolve) => setImmediate(resolve))
}
