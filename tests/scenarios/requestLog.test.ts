import { postQuery, readCounter } from '../support/example'
import { type ServerProcess, startProcess, writeConfig } from '../support/serverProcess'

let server: ServerProcess

beforeAll(async () => {
  server = await startProcess(writeConfig(() => ({ log: { level: 'info', pretty: false } })))
})

afterAll(() => server.stop())

const ratings = 'query Ratings { titles(first: 3) { predictedRating(memberId: 1) } }'

it('writes one JSON line for each request, the last before the process ends', async () => {
  await postQuery(server.url, ratings, {}, { 'x-request-id': 'page-1' })
  await postQuery(server.url, '{ nothing }', {}, { 'x-request-id': 'page-2', 'x-presage-synthetic': '1' })
  const base = server.url.replace('/graphql', '')
  expect(
    await readCounter(`${base}/metrics`, 'presage_http_requests_total', {
      operation: 'Ratings',
      status: '200',
    }),
  ).toBe(1)
  expect(await readCounter(`${base}/metrics`, 'presage_plan_cache_misses_total')).toBe(1)
  expect(await readCounter(`${base}/metrics`, 'process_cpu_seconds_total')).toBeGreaterThan(0)

  expect(await server.stop()).toBe(0)
  const lines = server
    .stderr()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
  expect(lines).toMatchObject([
    {
      msg: 'request',
      requestId: 'page-1',
      operation: 'Ratings',
      status: 200,
      predictionRows: 3,
      aborted: false,
    },
    { msg: 'request', requestId: 'page-2', status: 200, predictionRows: 0, synthetic: true },
  ])
  expect(lines[0]).not.toHaveProperty('synthetic')
})
