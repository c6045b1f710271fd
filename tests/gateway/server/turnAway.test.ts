import { once } from 'node:events'
import { connect } from 'node:net'
import type { HttpServer } from '../../../gateway/server/httpServer'
import type { ClientRequest } from '../../../lib/request/clientRequest'
import { createPrometheusMetrics } from '../../../telemetry/prometheus'
import { FakeClock } from '../../support/fakeClock'
import { federate } from '../federate'
import { startServer } from '../startServer'

let arrived = () => {}
const held: (() => void)[] = []
let asked = 0
// The gateway has the system's clock.
const timeoutMs = 3_600_000

const { gateway } = federate({
  a: {
    typeDefs: 'type Query { quick: Int late: Int held: Int note: String }',
    resolvers: {
      Query: {
        quick: () => ++asked,
        note: () => 'x'.repeat(12_000_000),
        late() {
          clock.stall(timeoutMs)
          return 1
        },
        held(_: unknown, __: unknown, _context: { request: ClientRequest }) {
          arrived()
          return new Promise<number>((resolve) => {
            held.push(() => resolve(1))
          })
        },
      },
    },
  },
})

const clock = new FakeClock()
const metrics = createPrometheusMetrics()
let server: HttpServer

function ask(query: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  })
}

/** A loop that never rests, of which an answer was too late while twenty waited; and one of these is inside. */
beforeAll(async () => {
  server = await startServer({
    gateway,
    defaultTimeoutMs: timeoutMs,
    maxBodyBytes: 1000,
    metricsText: () => metrics.text(),
    metrics,
    introspection: false,
    corsOrigins: ['https://page.example'],
    clock,
    idleMs: () => 0,
  })
  for (let n = 0; n < 20; n++) waiting.push(await hold())
  await (await ask('{ late }')).arrayBuffer()
  for (const letGo of held.splice(1)) letGo()
  await Promise.all(waiting.splice(1).map(({ answer }) => answer))
})

/** One that is inside until it is let go. */
async function hold(): Promise<{ readonly answer: Promise<Response> }> {
  const entered = new Promise<void>((resolve) => {
    arrived = resolve
  })
  const answer = ask('{ held }')
  await entered
  return { answer }
}

const waiting: { readonly answer: Promise<Response> }[] = []

afterAll(async () => {
  for (const letGo of held) letGo()
  await Promise.all(waiting.map(({ answer }) => answer))
  await server.close()
})

test('who cannot be answered in time is turned away before anything is read, and told when to come again', async () => {
  const before = asked
  const response = await ask('{ quick', { 'x-presage-timeout-ms': '20', 'x-request-id': 'mine' })
  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBe('1')
  expect(response.headers.get('x-request-id')).toBe('mine')
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(response.headers.get('vary')).toBe('origin')
  expect(await response.json()).toEqual({
    errors: [
      {
        message: 'too many requests are waiting to be answered in time',
        extensions: { code: 'OVERLOADED' },
      },
    ],
  })
  expect(asked).toBe(before)
  expect(await metrics.text()).toContain('presage_http_requests_total{operation="(none)",status="503"} 1')
})

test('on a kept connection the same is said again, and what can be answered still is', async () => {
  const client = connect(server.port, '127.0.0.1')
  const body = JSON.stringify({ query: '{ quick }' })
  const send = async (timeoutMs: number, url = '/graphql') => {
    const lines = [
      `POST ${url} HTTP/1.1`,
      'host: here',
      'content-type: application/json',
      'x-request-id: mine',
    ]
    lines.push('accept: application/graphql-response+json', `x-presage-timeout-ms: ${timeoutMs}`)
    client.write([...lines, `content-length: ${body.length}`, '', body].join('\r\n'))
    const [head, text] = String((await once(client, 'data'))[0]).split('\r\n\r\n')
    const [status, ...headers] = head.toLowerCase().split('\r\n')
    return { status, headers: headers.filter((line) => !line.startsWith('date:')).sort(), text }
  }
  const first = await send(20)
  expect(first.status).toBe('http/1.1 503 service unavailable')
  expect(await send(20)).toEqual(first)
  expect((await send(timeoutMs)).text).toContain('{"quick":')
  expect((await send(20, '/health/live')).text).toBe('{"live":true}')
  expect(await send(20)).toEqual(first)
  client.destroy()
})

test('who has waited until no time was left is turned away before anything is done', async () => {
  const client = connect(server.port, '127.0.0.1')
  const head = `POST /graphql HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\n`
  const request = (query: string) => {
    const body = JSON.stringify({ query })
    return `${head}content-length: ${body.length}\r\n\r\n${body}`
  }
  const count = 100
  const before = asked
  // More than may begin in one turn; the first takes the time of those that wait.
  client.write(request('{ late }') + request('{ quick }').repeat(count))
  let text = ''
  for await (const chunk of client) {
    text += chunk
    if (text.split('HTTP/1.1').length === count + 2 && text.endsWith('}')) break
  }
  const [, ...answers] = text.split('HTTP/1.1 ')
  const refused = answers.filter((answer) => answer.startsWith('503'))
  expect(refused.length).toBeGreaterThan(0)
  expect(refused.length).toBe(count - (asked - before))
  for (const answer of refused) {
    expect(answer.toLowerCase()).toMatch(/\r\nretry-after: 1\r\n/)
    expect(answer).toMatch(/"extensions":\{"code":"OVERLOADED"\}\}\]\}$/m)
  }
  expect(answers.filter((answer) => answer.startsWith('200'))).toHaveLength(count + 1 - refused.length)
})

test('a page of another origin may read that it was turned away', async () => {
  const headers = { 'x-presage-timeout-ms': '20', origin: 'https://page.example' }
  const response = await ask('{ quick }', headers)
  expect(response.status).toBe(503)
  expect(response.headers.get('access-control-allow-origin')).toBe('https://page.example')
  expect(response.headers.get('retry-after')).toBe('1')
})

test('health is told whatever waits', async () => {
  expect((await fetch(`${server.url}/health/ready`)).status).toBe(200)
})

test('a long answer that waits for its client to read it keeps nobody out', async () => {
  held.pop()?.()
  await waiting.pop()?.answer
  const client = connect(server.port, '127.0.0.1')
  const body = JSON.stringify({ query: '{ note }' })
  client.write(
    `POST /graphql HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  await once(client, 'data')
  client.pause()
  expect((await ask('{ quick }', { 'x-presage-timeout-ms': '20' })).status).toBe(200)
  client.destroy()
})

test('ten seconds after the last one that was turned away everybody is let in', async () => {
  clock.stall(10_001)
  held.pop()?.()
  await waiting.pop()?.answer
  waiting.push(await hold())
  expect((await ask('{ quick }', { 'x-presage-timeout-ms': '20' })).status).toBe(200)
})
