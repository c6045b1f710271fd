import fc from 'fast-check'
import type { Sent } from './asker'
import { type FuzzedServer, goodRequest, startFuzzedServer } from './fuzzedServer'
import { anySent } from './inputs/anySent'
import { problemOf } from './problemOf'

let server: FuzzedServer

beforeAll(async () => {
  server = await startFuzzedServer()
})
afterAll(() => server.stop())

test('4,000 requests: each is answered with a value or a coded error, and so is the next', async () => {
  const requests = fc.sample(anySent, { seed: 306, numRuns: 4_000 })
  const expected = (await server.ask(goodRequest)).text
  const residentBefore = server.residentBytes()
  const counts = { values: 0, errors: 0 }
  let next = 0
  const problems: string[] = []
  let slowest = 0
  const client = async () => {
    for (let n = next++; n < requests.length; n = next++) {
      const received = await server.ask(requests[n])
      const problem = problemOf(requests[n], received)
      if (problem !== undefined) {
        problems.push(
          `request ${n}: ${problem}
${shown(requests[n])}
${received.status} ${received.text.slice(0, 1000)}`,
        )
      }
      counts[received.text.includes('"errors"') ? 'errors' : 'values']++
      slowest = Math.max(slowest, received.milliseconds)
      if (n % 20 === 0) expect((await server.ask(goodRequest)).text).toBe(expected)
    }
  }
  await Promise.all(Array.from({ length: 8 }, client))
  expect((await server.ask(goodRequest)).text).toBe(expected)
  expect(problems).toEqual([])
  expect(counts.values).toBeGreaterThan(400)
  expect(counts.errors).toBeGreaterThan(400)
  expect(slowest).toBeLessThan(60_000)
  expect(server.residentBytes() - residentBefore).toBeLessThan(300e6)
  expect(server.stderr()).not.toMatch(/^\s+at /m) // no stack: nothing of that was a fault of the server
}, 600_000)

function shown(one: Sent): string {
  return JSON.stringify({ ...one, body: one.body?.toString() }).slice(0, 3000)
}
