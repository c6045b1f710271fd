import type { AnsweredSeries, MetricsAnswer } from '../../console/metrics/answer'
import { readQuestion } from '../../console/metrics/question'
import { PrometheusSource } from '../../console/prometheus/prometheusSource'
import { type Example, startExample } from '../support/example'
import { freePort } from '../support/freePort'
import { hasPrometheus, PrometheusServer } from '../support/prometheusServer'
import { until } from '../support/until'

/** The console over a real Prometheus that reads two processes of a deployment. */

const isThere = hasPrometheus()
if (!isThere)
  console.warn('The console is not tried with Prometheus: it is not in PATH (apt-get install prometheus)')

const rows = 'presage_inference_count_total'
const durations = 'presage_http_request_duration_seconds'
const rating = 'query Ratings { titles(first: 15) { predictedRating(memberId: "12") } }'
/** As the console is told. It reads once a second, of which some are missed where the machine stands still for seconds. */
const scrapeMs = 4000

;(isThere ? describe : describe.skip)('with a Prometheus', () => {
  let prometheus: PrometheusServer
  let examples: readonly Example[] = []
  let source: PrometheusSource

  beforeAll(async () => {
    const port = await freePort()
    const start = () =>
      startExample(({ shards }) => ({
        shards: { main: { ...shards.main, workers: 1 } },
        console: { prometheus: `http://127.0.0.1:${port}`, scrape: scrapeMs, labels: { job: 'shop' } },
      }))
    examples = [await start(), await start()]
    const targets = examples.map(({ deployment }) => `127.0.0.1:${deployment.port}`)
    prometheus = await PrometheusServer.start(port, { shop: targets })
    source = sourceOf({ job: 'shop' })
    // Prometheus does not count what a series has when it first sees it.
    for (const example of examples) await example.query(rating)
    await until(async () => (await ask(`names=${durations}&by=operation`)).series.length === 2)
  })
  afterAll(async () => {
    await Promise.all(examples.map((example) => example.close()))
    await prometheus?.stop()
  })

  /** Steps of four seconds, so that the test need not wait for long. */
  const sourceOf = (labels: Readonly<Record<string, string>>) =>
    new PrometheusSource({ url: prometheus.url, scrapeMs, labels, windowMs: 600_000 })
  const ask = (search: string, of = source) => of.answer(readQuestion(new URLSearchParams(search)))
  const valuesOf = (series: AnsweredSeries) => (series.kind === 'histogram' ? series.count : series.values)
  /** What is missing is shown as 0, after the first that is there. */
  const asShown = (theirs: readonly (number | null)[]) =>
    theirs.map((value, at) => value ?? (theirs.slice(0, at).every((one) => one === null) ? null : 0))
  const sum = (series: AnsweredSeries) => valuesOf(series).reduce<number>((all, one) => all + (one ?? 0), 0)

  it('shows the sum of both processes, as Prometheus has it', async () => {
    const since = Date.now()
    for (let n = 0; n < 3; n++) await examples[0].query(rating)
    for (let n = 0; n < 5; n++) await examples[1].query(rating)
    await examples[0].query('{ messages(first: 9) { abuse { label } } }')
    let answer!: MetricsAnswer
    await until(async () => {
      answer = await ask(`names=${rows}&by=model&model=rating-predictor&since=${since - 1000}`)
      // Rates are over 16 seconds, so what was counted takes that long to be shown.
      return answer.times.length > 5
    })
    expect(answer).toMatchObject({ source: 'prometheus', stepMs: 4000 })
    const [series, ...more] = answer.series
    expect(more).toEqual([])
    expect(series.labels).toEqual({ model: 'rating-predictor' })
    // Prometheus estimates, the more where a reading is late; with one process only it would be 3 or 5 of 8.
    const share = sum(series) / (8 * 15)
    expect(share).toBeGreaterThan(0.64)
    expect(share).toBeLessThan(1.36)
    const theirs = await prometheus.values(
      `sum(rate(${rows}{job="shop", model="rating-predictor"}[16s]))`,
      answer.times,
    )
    // By the second, of which a step has four.
    expect(valuesOf(series)).toEqual(
      asShown(theirs).map((rate) => (rate === null ? null : expect.closeTo(4 * rate, 9))),
    )
  })

  it('percentiles are those of histogram_quantile', async () => {
    const { times, series } = await ask(`names=${durations}&by=operation&operation=Ratings`)
    const [ratings] = series
    if (ratings.kind !== 'histogram') throw new Error('must be a histogram')
    for (const [share, own] of [
      [0.5, ratings.p50],
      [0.99, ratings.p99],
    ] as const) {
      const quantile = `histogram_quantile(${share}, sum by (le) (rate(${durations}_bucket{operation="Ratings"}[16s])))`
      const theirs = await prometheus.values(quantile, times)
      const isKnown = (value: number | null) => value !== null && !Number.isNaN(value)
      expect(theirs.filter(isKnown).length).toBeGreaterThan(2)
      expect(own).toEqual(theirs.map((value) => (isKnown(value) ? expect.closeTo(value!, 9) : null)))
    }
  })

  it('shows the largest, and the others as one', async () => {
    const { series: all } = await ask(`names=${rows}&by=model`)
    const { series } = await ask(`names=${rows}&by=model&top=1`)
    expect(series.map(({ labels, other }) => [labels, other])).toEqual([
      [{ model: 'rating-predictor' }, undefined],
      [{}, true],
    ])
    const others = all.filter(({ labels }) => labels['model'] !== 'rating-predictor').map(sum)
    expect(Math.max(...others)).toBeGreaterThan(5)
    expect(sum(series[1])).toBeCloseTo(others.reduce((total, one) => total + one))
  })

  it('a counter has 0 before its first event, and null only before there was a process to read', async () => {
    const { times, series } = await ask(`names=${rows}&by=model`)
    const processes = await prometheus.values(
      'count(presage_event_loop_delay_seconds_count{job="shop"})',
      times,
    )
    const began = processes.findIndex((count) => count !== null)
    expect(began).toBeGreaterThan(0)
    for (const one of series) {
      expect(valuesOf(one).slice(0, began)).toEqual(new Array(began).fill(null))
      expect(valuesOf(one).slice(began)).not.toContain(null)
    }
    const late = series.find(({ labels }) => labels['model'] === 'abuse-score')!
    expect(valuesOf(late)[began]).toBe(0)
  })

  it('of metrics that other programs have too, it shows those of Presage', async () => {
    const everything = sourceOf({})
    const { times, series } = await ask('names=process_resident_memory_bytes', everything)
    const ours = await prometheus.values('sum(process_resident_memory_bytes{job="shop"})', times)
    const all = await prometheus.values('sum(process_resident_memory_bytes)', times)
    expect(valuesOf(series[0])).toEqual(asShown(ours))
    expect(all).not.toEqual(ours)
  })

  it('with labels, it shows nothing of other deployments', async () => {
    const { series } = await ask(`names=${rows}&by=model`, sourceOf({ job: 'another' }))
    expect(series).toEqual([])
  })

  it('a value in a question is no PromQL', async () => {
    const value = encodeURIComponent('a"} or vector(1) #\\')
    const search = `names=${rows}&by=model&model=${value}&model=rating.predictor`
    expect((await ask(search)).series).toEqual([])
  })

  it('the same steps are answered again, and later ones once they are over', async () => {
    const { times } = await ask(`names=${rows}&by=`)
    const again = await ask(`names=${rows}&by=&since=${times[times.length - 3]}`)
    expect(again.times.slice(0, 2)).toEqual(times.slice(-2))
    expect((await ask(`names=${rows}&by=&since=${Date.now() + 5000}`)).times).toEqual([])
  })

  it('is what /console/metrics answers with', async () => {
    const response = await fetch(examples[0].url.replace('/graphql', `/console/metrics?names=${rows}&by=`))
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ source: 'prometheus', stepMs: 10_000 })
  })
})

it('a Prometheus that does not answer is the error of a service behind this one', async () => {
  const port = await freePort()
  const example = await startExample(({ shards }) => ({
    shards: { main: { ...shards.main, workers: 1 } },
    console: { prometheus: `http://127.0.0.1:${port}`, scrape: 15_000, labels: {} },
  }))
  const response = await fetch(example.url.replace('/graphql', `/console/metrics?names=${rows}`))
  expect([response.status, await response.json()]).toEqual([
    502,
    {
      errors: [
        {
          message: 'console.prometheus: must answer queries, got ECONNREFUSED',
          extensions: expect.objectContaining({ code: 'UPSTREAM_FAILED' }),
        },
      ],
    },
  ])
  await example.close()
})
