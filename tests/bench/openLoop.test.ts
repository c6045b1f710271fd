import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { arrivals, openLoop } from '../../bench/openLoop'

let server: Server
let handle: (response: ServerResponse, body: string) => void
const bodies: string[] = []

beforeAll(async () => {
  server = createServer(async (message, response) => {
    let body = ''
    for await (const chunk of message) body += chunk
    bodies.push(body)
    handle(response, body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

beforeEach(() => {
  bodies.length = 0
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
const load = { perSecond: 1000, seconds: 0.03, connections: 4 }

test('each request is sent once, and what became of it counted', async () => {
  handle = (response, body) => {
    const n = Number(body)
    if (n % 3 === 0) response.writeHead(503).end('{}')
    else response.end(n % 3 === 1 ? '{"data":1}' : '{"errors":[]}')
  }
  let before: string[] = []
  const onBegin = async () => {
    before = bodies.splice(0)
  }
  const { sent, outcomes, latencies, strange } = await openLoop(url(), { ...load, onBegin }, String)
  expect(before.sort()).toEqual(['0', '1', '2', '3'])
  expect(bodies.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => n))
  expect(sent).toBe(30)
  expect(outcomes).toEqual({ answered: 10, refused: 10, expired: 0, failed: 10, unanswered: 0 })
  expect(latencies).toHaveLength(10)
  expect(strange).toBe('status 200: {"errors":[]}')
})

test('it goes on sending while nothing is answered', async () => {
  const held: ServerResponse[] = []
  let isOpen = true
  handle = (response) => {
    if (isOpen) response.end('{"data":1}')
    else if (held.push(response) === 20) for (const one of held) one.end('{"data":1}')
  }
  const onBegin = async () => {
    isOpen = false
  }
  const many = { perSecond: 1000, seconds: 0.02, connections: 20, onBegin }
  const { outcomes } = await openLoop(url(), many, String)
  // All of them were there before any had its answer.
  expect(outcomes.answered).toBe(20)
})

test('arrivals at random are in order, all within the time, and those of their seed', () => {
  const one = [...arrivals(1000, 100, 1)]
  expect(one).toEqual([...one].sort((a, b) => a - b))
  expect(one[0]).toBeGreaterThanOrEqual(0)
  expect(one[999]).toBeLessThan(10_000)
  expect([...arrivals(1000, 100, 1)]).toEqual(one)
  expect([...arrivals(1000, 100, 2)]).not.toEqual(one)
  // Of gaps whose lengths are those of chance, a share of 1/e is longer than the mean.
  const long = one.filter((time, n) => n > 0 && time - one[n - 1] > 10).length
  expect(long / 999).toBeGreaterThan(0.3)
  expect(long / 999).toBeLessThan(0.44)
})

test('requests that come at random are sent once each, and none before its time', async () => {
  const times: number[] = []
  handle = (response) => {
    times.push(performance.now())
    response.end('{"data":1}')
  }
  let begun = 0
  const onBegin = async () => {
    times.length = 0
    begun = performance.now()
  }
  const random = { perSecond: 100, seconds: 0.3, connections: 8, seed: 1, onBegin }
  const { sent, outcomes, strange } = await openLoop(url(), random, String)
  expect([sent, outcomes.answered, strange]).toEqual([30, 30, undefined])
  const due = arrivals(30, 100, 1)
  expect(times.filter((time, n) => time - begun < due[n])).toEqual([])
})
