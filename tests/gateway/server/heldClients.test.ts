import { Agent, request as httpRequest } from 'node:http'
import type { HttpServer } from '../../../gateway/server/httpServer'
import type { ClientRequest } from '../../../lib/request/clientRequest'
import { FakeClock } from '../../support/fakeClock'
import { until } from '../../support/until'
import { federate } from '../federate'
import { startServer } from '../startServer'

/** Ends the requests that run, in the order in which they have started. */
let running: (() => void)[] = []

const { gateway } = federate({
  a: {
    typeDefs: 'type Query { quick: Int held: Int alone: Boolean crowding: Boolean }',
    resolvers: {
      Query: {
        quick: () => 1,
        held: () => new Promise<number>((resolve) => running.push(() => resolve(1))),
        alone: (_: unknown, __: unknown, { request }: { request: ClientRequest }) => request.isOnlyRequest,
        crowding: (_: unknown, __: unknown, { request }: { request: ClientRequest }) => request.isCrowding,
      },
    },
  },
})

let clock: FakeClock
let server: HttpServer
let agents: Agent[]

/** A client with an address of its own. */
function clientAt(localAddress: string): (query: string, signal?: AbortSignal) => Promise<string> {
  const agent = new Agent({ keepAlive: true })
  agents.push(agent)
  return (query, signal) =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json' }
      const sent = httpRequest(`${server.url}/graphql`, {
        method: 'POST',
        agent,
        localAddress,
        headers,
        signal,
      })
      sent.on('response', async (response) => {
        let text = ''
        for await (const chunk of response) text += chunk
        resolve(text)
      })
      sent.on('error', reject)
      sent.end(JSON.stringify({ query }))
    })
}

const quickAnswer = '{"data":{"quick":1}}\n'
const heldAnswer = '{"data":{"held":1}}\n'

/** One that has asked much more than the other, of a loop that never rests. */
let greedy: ReturnType<typeof clientAt>
let other: ReturnType<typeof clientAt>

beforeEach(async () => {
  running = []
  agents = []
  clock = new FakeClock()
  server = await startServer({
    gateway,
    defaultTimeoutMs: 3_600_000,
    maxBodyBytes: 1000,
    introspection: false,
    clock,
    idleMs: () => 0,
  })
  greedy = clientAt('127.0.0.2')
  other = clientAt('127.0.0.1')
  for (let n = 0; n < 30; n++) {
    await greedy('{ quick }')
    clock.stall(1)
  }
  expect(await other('{ quick }')).toBe(quickAnswer)
})

afterEach(async () => {
  for (const end of running) end()
  await server.close()
  for (const agent of agents) agent.destroy()
})

async function ask(count: number): Promise<Promise<string>[]> {
  const answers = Array.from({ length: count }, () => greedy('{ held }'))
  await until(() => running.length === 8)
  // What else could start would have done so while others are answered.
  for (let n = 0; n < 5; n++) expect(await other('{ quick }')).toBe(quickAnswer)
  expect(running.length).toBe(8)
  return answers
}

test('a client that is over its share has eight requests running, and others are answered meanwhile', async () => {
  const answers = await ask(30)
  for (let n = 0; n < 30; n++) {
    await until(() => running.length > n)
    expect(running.length).toBeLessThanOrEqual(n + 8)
    running[n]()
  }
  expect(await Promise.all(answers)).toEqual(Array(30).fill(heldAnswer))
})

test('a client that takes most of a busy event loop is known by its requests, and others are not', async () => {
  expect(await greedy('{ crowding }')).toBe('{"data":{"crowding":true}}\n')
  expect(await other('{ crowding }')).toBe('{"data":{"crowding":false}}\n')
})

test('rows of a client with one request are not held for others while those wait for their start', async () => {
  const answers = await ask(8)
  expect(await other('{ alone }')).toBe('{"data":{"alone":false}}\n')
  answers.push(greedy('{ held }'))
  // It waits, as soon as it has come, for one of the eight to end.
  await until(async () => (await other('{ alone }')) === '{"data":{"alone":true}}\n')
  for (let n = 0; n < 9; n++) {
    await until(() => running.length > n)
    running[n]()
  }
  expect(await Promise.all(answers)).toEqual(Array(9).fill(heldAnswer))
})

test('connections that are not read for a while lose no request', async () => {
  const answers = await ask(30)
  for (let n = 0; n < 60; n++) {
    await until(() => {
      // Whether a connection has a request shows only when it is read again.
      clock.advance(50)
      return running.length > n
    })
    running[n]()
    if (n < 30) answers.push(answers[n].then(() => greedy('{ held }')))
  }
  expect(await Promise.all(answers)).toEqual(Array(60).fill(heldAnswer))
})

test('a request whose client has gone while it waited is not run', async () => {
  const leaving = new AbortController()
  const answers = await ask(8)
  const gone = greedy('{ held }', leaving.signal)
  await until(async () => (await other('{ alone }')) === '{"data":{"alone":true}}\n')
  leaving.abort()
  await expect(gone).rejects.toThrow('aborted')
  await until(async () => (await other('{ alone }')) === '{"data":{"alone":false}}\n')
  for (const end of running) end()
  await Promise.all(answers)
  expect(await greedy('{ quick }')).toBe(quickAnswer)
  expect(running.length).toBe(8)
})

test('while the server drains, all of its requests are answered', async () => {
  const answers = await ask(30)
  const closed = server.close()
  await until(() => running.length === 30)
  for (const end of running) end()
  expect(await Promise.all(answers)).toEqual(Array(30).fill(heldAnswer))
  await closed
})
