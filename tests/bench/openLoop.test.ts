import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openLoop } from '../../bench/openLoop'

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

test('requests that come at random are sent once each, at times that the seed gives', async () => {
  const times: number[] = []
  handle = (response) => {
    times.push(performance.now())
    response.end('{"data":1}')
  }
  const gaps = async (seed: number) => {
    const onBegin = async () => {
      times.length = 0
    }
    const random = { perSecond: 100, seconds: 0.3, connections: 8, seed, onBegin }
    const { sent, outcomes } = await openLoop(url(), random, String)
    expect([sent, outcomes.answered]).toEqual([30, 30])
    return times.map((time) => time - times[0])
  }
  const one = await gaps(1)
  const again = await gaps(1)
  const other = await gaps(2)
  const apart = (gaps: readonly number[]) =>
    one.reduce((sum, gap, n) => sum + Math.abs(gap - gaps[n]), 0) / 30
  // Where a machine is busy all are late, yet not by what two seeds differ.
  expect(apart(again)).toBeLessThan(apart(other))
})
