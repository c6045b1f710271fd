import type { HttpServer } from '../../../gateway/server/httpServer'
import { createTextLog, type Log } from '../../../lib/log'
import { federate } from '../federate'
import { startServer } from '../startServer'

const studio = 'https://studio.apollographql.com'
const servers: HttpServer[] = []

async function start(
  corsOrigins: readonly string[],
  log?: Log,
): Promise<(init?: RequestInit) => Promise<Response>> {
  const server = await startServer({
    gateway: federate({ a: { typeDefs: 'type Query { hello: String }' } }).gateway,
    corsOrigins,
    ...(log && { log }),
  })
  servers.push(server)
  return (init) => fetch(`${server.url}/graphql`, init)
}

afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())))

const post = (origin: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', origin },
  body: '{"query":"{ hello }"}',
})

const preflight = (origin: string, headers = {}): RequestInit => ({
  method: 'OPTIONS',
  headers: {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type,x-member',
    ...headers,
  },
})

test('a preflight of a named origin is answered with what it asked for, and without credentials', async () => {
  const ask = await start([studio])
  const { status, headers } = await ask(preflight(studio))
  expect(status).toBe(204)
  expect(Object.fromEntries(headers)).toMatchObject({
    'access-control-allow-origin': studio,
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers': 'content-type,x-member',
    vary: 'origin',
  })
  expect(headers.has('access-control-allow-credentials')).toBe(false)
  expect(headers.has('access-control-allow-private-network')).toBe(false)
})

test('a page of the internet may turn to a server on loopback, if its origin is named', async () => {
  const ask = await start([studio])
  const wish = { 'access-control-request-private-network': 'true' }
  const allowed = await ask(preflight(studio, wish))
  expect(allowed.headers.get('access-control-allow-private-network')).toBe('true')
  const other = await ask(preflight('https://evil.example', wish))
  expect(other.headers.has('access-control-allow-private-network')).toBe(false)
})

test('an answer names the origin that may read it, and no other', async () => {
  const ask = await start([studio, 'http://localhost:3000'])
  const origins = [studio, 'http://localhost:3000', 'https://evil.example', 'null']
  const answers = await Promise.all(origins.map((origin) => ask(post(origin))))
  expect(answers.map(({ headers }) => headers.get('access-control-allow-origin'))).toEqual([
    studio,
    'http://localhost:3000',
    null,
    null,
  ])
  expect(answers.map(({ headers }) => headers.get('vary'))).toEqual(Array(4).fill('origin'))
})

test('a refusal can be read by the page as well', async () => {
  const ask = await start([studio])
  const { status, headers } = await ask({ ...post(studio), body: '{' })
  expect([status, headers.get('access-control-allow-origin')]).toEqual([400, studio])
})

test('a star stands for every origin', async () => {
  const ask = await start(['*'])
  const { headers } = await ask(post('https://anyone.example'))
  expect(headers.get('access-control-allow-origin')).toBe('https://anyone.example')
})

test('localhost stands for this machine on any port, and for nobody else', async () => {
  const ask = await start(['localhost'])
  const mine = ['http://localhost:5173', 'https://localhost', 'http://127.0.0.1:8080', 'http://[::1]:3000']
  const others = [
    'http://localhost.evil.example',
    'http://127.evil.example',
    'http://127.0.0.1.evil.example:3000',
    'https://evil.example:80',
    'null',
    'file://localhost',
  ]
  const answers = await Promise.all([...mine, ...others].map((origin) => ask(preflight(origin))))
  expect(answers.map(({ headers }) => headers.get('access-control-allow-origin'))).toEqual([
    ...mine,
    ...others.map(() => null),
  ])
})

test('the log tells of a page that is blocked, once, with what to set, and of none that may ask', async () => {
  const lines: string[] = []
  const log = createTextLog('warn', 'gateway', (line) => lines.push(line))
  const ask = await start([studio], log)
  const first = await ask(preflight('http://localhost:5173'))
  await ask(preflight('http://localhost:5173'))
  await ask(post(studio))
  await ask(post(new URL(first.url).origin))
  expect(lines).toEqual([
    'gateway: blocked a request from a page of "http://localhost:5173"; server.cors.origins lists the allowed origins\n',
  ])
  for (let n = 0; n < 20; n++) await ask(post(`http://evil.example:${n + 1000}`))
  expect(lines).toHaveLength(10)
})

test('OPTIONS of nobody in particular says what there is', async () => {
  const ask = await start([])
  const { status, headers } = await ask({ method: 'OPTIONS' })
  expect([status, headers.get('allow'), headers.has('vary')]).toEqual([204, 'GET, POST, OPTIONS', false])
})
