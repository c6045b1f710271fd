import { get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { MetricsAnswer } from '../../console/metrics/answer'
import { packageRoot } from '../../lib/packagePaths'
import { load } from '../support/load'
import { type ServerProcess, startProcess, writeConfig } from '../support/serverProcess'
import { until } from '../support/until'

/** The console's metrics of `presage start` with two processes. */

let server: ServerProcess
/** How many requests were answered, and how many of them had a prediction. */
let requests = 0
let predictions = 0

beforeAll(async () => {
  server = await startProcess(writeConfig(), join(packageRoot, 'tests/support/shortStepsChild.js'))
})
afterAll(async () => {
  await server.stop('SIGKILL')
})

async function ask(fields: string, event: Promise<unknown>): Promise<number> {
  const query = `query ($s: Int) { titles(first: 5, skip: $s) { ${fields} } }`
  const next = (n: number) => ({ query, variables: { s: n % 500 } })
  const { answered, failures } = await load(server.url, 2, next, event, { stays: true })
  expect(failures).toEqual([])
  expect(answered).toBeGreaterThan(0)
  requests += answered
  return answered
}

/** By a connection of its own, which any process that runs may accept. */
function read(path: string): Promise<{ status: number | undefined; body: unknown }> {
  return new Promise((resolve, reject) => {
    get(server.url.replace('/graphql', path), { agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(text) }))
    }).on('error', reject)
  })
}

async function shown(search: string): Promise<number> {
  const { status, body } = await read(`/console/metrics?${search}&by=`)
  expect({ status, body }).toMatchObject({ status: 200, body: { source: 'processes', stepMs: 200 } })
  const [series] = (body as MetricsAnswer).series
  if (series.kind !== 'counter') throw new Error('must be a counter')
  return series.values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
}

const shownRequests = () => shown('names=presage_http_requests_total')
const shownPredictions = () => shown('names=presage_routing_decisions_total&objective=PREDICT_RATING')

/** Asks while one process does not run, so that only the other one answers. */
async function askWithout(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP')
  try {
    await until(async () => (await read('/health/ready')).status === 200)
    predictions += await ask('predictedRating(memberId: "12")', wait(300))
    await until(async () => (await shownPredictions()) === predictions)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
}

it('has the sums of both, whichever is asked, also while one does not answer', async () => {
  const [one, other] = server.children()
  await askWithout(one)
  await askWithout(other)
  for (let time = 0; time < 4; time++) expect(await shownPredictions()).toBe(predictions)
})

it('keeps the sums when one dies, and adds those of its successor', async () => {
  const [victim, other] = server.children()
  // The next step comes before the process that starts the others knows of it.
  process.kill(server.pid, 'SIGSTOP')
  process.kill(victim, 'SIGKILL')
  await wait(400)
  process.kill(server.pid, 'SIGCONT')
  await until(() => server.children().length === 2 && !server.children().includes(victim))
  await askWithout(other)
  expect(await shownPredictions()).toBe(predictions)
})

it('loses nothing when all are replaced on SIGUSR2', async () => {
  const old = server.children()
  process.kill(server.pid, 'SIGUSR2')
  await ask(
    'name',
    until(() => server.children().length === 2 && !server.children().some((pid) => old.includes(pid))),
  )
  await until(async () => (await shownRequests()) === requests)
})

it('sums memory, and refuses what it does not know', async () => {
  const { body } = await read('/console/metrics?names=process_resident_memory_bytes')
  const [{ values }] = (body as { series: { values: number[] }[] }).series
  expect(values.at(-1)).toBeGreaterThan(200 * 2 ** 20)
  expect(await read('/console/metrics?names=presage_secrets_total')).toEqual({
    status: 400,
    body: {
      errors: [
        {
          message: expect.stringContaining('got "presage_secrets_total"'),
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    },
  })
})
