import { request } from 'node:http'
import type { Config } from '../../cli/config/config'
import type { AnsweredSeries, MetricsAnswer } from '../../console/metrics/answer'
import { audience, createSigner, issuer } from '../gateway/tokens'
import { type Example, startExample } from '../support/example'
import { until } from '../support/until'

/** The metrics behind the page at /console, of the running example. */

const signer = createSigner()
let example: Example

const start = async (change: (config: Config) => Partial<Config> = () => ({})) => {
  example = await startExample(
    (config) => ({ ...change(config), shards: { main: { ...config.shards.main, workers: 1 } } }),
    { consoleStepMs: 100 },
  )
}
const withTokens = ({ trust }: Config) => ({
  trust: { ...trust, jwt: { issuer, audience, algorithms: ['ES256' as const], jwks: signer.jwksFile } },
})
const bearer = async (...roles: string[]) => ({ authorization: `Bearer ${await signer.sign({ roles })}` })

const rows = 'presage_inference_count_total'
const decisions = 'presage_routing_decisions_total'
const durations = 'presage_http_request_duration_seconds'

const get = (search: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(example.url.replace('/graphql', `/console/metrics?${search}`), { method, headers })

async function ask(search: string): Promise<MetricsAnswer> {
  const response = await get(search)
  expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
  return (await response.json()) as MetricsAnswer
}

/** Resolves once a step has ended that had no rows: those of golden cases are in the steps before. */
async function stepWithoutRows(): Promise<void> {
  await until(async () => {
    const { series, times } = await ask(`names=${rows}&by=`)
    return times.length > 0 && series.every((one) => one.kind === 'counter' && !one.values.at(-1))
  })
}

const sum = (series: AnsweredSeries | undefined) =>
  (series === undefined ? [] : series.kind === 'histogram' ? series.count : series.values).reduce<number>(
    (total, value) => total + (value ?? 0),
    0,
  )

describe('what was asked is what it says', () => {
  beforeAll(() => start())
  afterAll(() => example.close())

  it('by version, objective and operation, exactly', async () => {
    await stepWithoutRows()
    const search = `names=${rows},${decisions},${durations}&by=objective,model,operation&since=${Date.now()}`
    const query = 'query Ratings { titles(first: 15) { predictedRating(memberId: "12") } }'
    for (let n = 0; n < 4; n++) expect((await example.query(query)).errors).toBeUndefined()
    let answer!: MetricsAnswer
    const seriesOf = (name: string, label: string, value: string) =>
      answer.series.find((one) => one.name === name && one.labels[label] === value)
    await until(async () => {
      answer = await ask(search)
      return sum(seriesOf(durations, 'operation', 'Ratings')) === 4
    })
    expect(sum(seriesOf(rows, 'model', 'rating-predictor'))).toBe(4 * 15)
    expect(seriesOf(decisions, 'objective', 'PREDICT_RATING')?.labels).toEqual({
      objective: 'PREDICT_RATING',
      model: 'rating-predictor@4',
    })
    expect(sum(seriesOf(decisions, 'objective', 'PREDICT_RATING'))).toBe(4)
    const whole = answer.series.find((one) => one.name === durations && Object.keys(one.labels).length === 0)
    expect(sum(whole)).toBe(4)
    for (const one of answer.series) {
      const own = one.kind === 'histogram' ? one.p99 : one.values
      expect(own).toHaveLength(answer.times.length)
    }
    if (whole?.kind !== 'histogram') throw new Error('must be a histogram')
    for (const [step, count] of whole.count.entries()) {
      const [p50, p99] = [whole.p50[step], whole.p99[step]]
      if (count === 0) expect([p50, p99]).toEqual([null, null])
      else expect(p50! > 0 && p50! <= p99!).toBe(true)
    }
  })

  it('memory and CPU are those of the process', async () => {
    const { series } = await ask('names=process_resident_memory_bytes,process_cpu_seconds_total')
    const [memory, cpu] = series.map((one) => (one.kind === 'histogram' ? [] : one.values))
    const rss = process.memoryUsage.rss()
    expect(memory.at(-1)! > rss / 2 && memory.at(-1)! < rss * 2).toBe(true)
    expect(cpu.every((seconds) => seconds! >= 0 && seconds! < 60)).toBe(true)
    expect(sum(series[1])).toBeGreaterThan(0)
  })

  it('refuses what it does not know, and other methods', async () => {
    const response = await get('names=presage_secrets_total')
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      errors: [
        {
          message: expect.stringContaining('got "presage_secrets_total"'),
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    })
    const posted = await get(`names=${rows}`, {}, 'POST')
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET'])
  })
})

describe('with tokens', () => {
  const forbidden = {
    message: 'this needs the role viewer',
    extensions: { code: 'FORBIDDEN', role: 'viewer' },
  }
  /** As a proxy on this machine sends what came from elsewhere. */
  const fromElsewhere = { 'x-forwarded-for': '203.0.113.7' }

  beforeAll(() => start(withTokens))
  afterAll(() => example.close())

  it('this machine sees it, as /metrics, and others need the role viewer', async () => {
    const status = async (headers: Record<string, string>) => (await get(`names=${rows}`, headers)).status
    expect(await status({})).toBe(200)
    const response = await get(`names=${rows}`, fromElsewhere)
    expect([response.status, await response.json()]).toEqual([403, { errors: [forbidden] }])
    expect(await status({ ...fromElsewhere, ...(await bearer('somebody')) })).toBe(403)
    expect(await status({ ...fromElsewhere, ...(await bearer('viewer')) })).toBe(200)
    expect(await status({ ...fromElsewhere, ...(await bearer('operator')) })).toBe(200)
    expect(await status({ ...fromElsewhere, authorization: 'Bearer of-nobody' })).toBe(401)
  })

  it('a page whose host name was made this address is no client of this machine', async () => {
    // fetch does not send another host.
    const status = await new Promise((resolve) => {
      const url = example.url.replace('/graphql', `/console/metrics?names=${rows}`)
      request(url, { headers: { host: 'evil.example.com' } }, (response) => {
        response.resume()
        resolve(response.statusCode)
      }).end()
    })
    expect(status).toBe(403)
  })
})

it('needs the role where the operators have a listener of their own, on this machine too', async () => {
  await start((config) => ({
    ...withTokens(config),
    server: { ...config.server, admin: { host: '127.0.0.1', port: 0 } },
  }))
  expect((await get(`names=${rows}`)).status).toBe(403)
  expect((await get(`names=${rows}`, await bearer('viewer'))).status).toBe(200)
  const { adminUrl } = example.deployment
  expect((await fetch(`${adminUrl}/console/metrics?names=${rows}`)).status).toBe(404)
  await example.close()
})

it('is not there with console: false', async () => {
  await start(() => ({ console: false }))
  expect((await get(`names=${rows}`)).status).toBe(404)
  await example.close()
})

it('is there without the platform', async () => {
  await start(() => ({ platform: false }))
  const { errors } = await example.query('{ models { name } }')
  expect(errors?.[0].message).toContain('Cannot query field "models"')
  await until(async () => (await ask(`names=${rows}&by=`)).times.length > 0)
  await example.close()
})
