import { Counter, Histogram, Registry } from 'prom-client'
import { createPrometheusMetrics, mergedText } from '../../telemetry/prometheus'

const help = 'a test\\of help'
const labelNames = ['model', 'shard']
const series = [
  { model: 'a "quoted"\nname', shard: 'main' },
  { model: 'b', shard: 'main' },
]

/** The lines of these metrics. */
function linesOf(text: string, ...names: string[]): string[] {
  return text.split('\n').filter((line) => names.some((name) => line.includes(name)))
}

it('reads as prom-client does where it counts by itself', async () => {
  const theirs = new Registry()
  const counter = new Counter({ name: 'test_total', help, labelNames, registers: [theirs] })
  const buckets = [
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5,
  ]
  const histogram = new Histogram({ name: 'test_seconds', help, labelNames, buckets, registers: [theirs] })
  const ours = createPrometheusMetrics()
  for (const labels of series) {
    for (const by of [1, 0, 2.5]) {
      counter.inc(labels, by)
      ours.counter('test_total', help, labels).inc(by)
    }
    for (const value of [0, 0.00005, 0.000051, 0.3, 5, 7]) {
      histogram.observe(labels, value)
      ours.histogram('test_seconds', help, labels).observe(value)
    }
  }
  const expected = linesOf(await theirs.metrics(), 'test_')
  expect(expected).toHaveLength(2 + 2 + 2 + 2 * 18)
  expect(linesOf(await ours.text(), 'test_')).toEqual(expected)
  counter.inc(series[0])
  ours.counter('test_total', help, series[0]).inc()
  expect(linesOf(await ours.text(), 'test_')).toEqual(linesOf(await theirs.metrics(), 'test_'))
})

it('shows a counter that has not counted as 0, and no histogram that has observed nothing', async () => {
  const metrics = createPrometheusMetrics()
  metrics.counter('idle_total', help, { model: 'a' })
  metrics.histogram('idle_seconds', help, { model: 'a' })
  const text = await metrics.text()
  expect(linesOf(text, 'idle_total{')).toEqual(['idle_total{model="a"} 0'])
  expect(linesOf(text, 'idle_seconds_')).toEqual([])
})

it('watches the process once for all metrics that are created in it', async () => {
  const [one, other] = [createPrometheusMetrics(), createPrometheusMetrics()]
  const delay = 'presage_event_loop_delay_seconds'
  const [watched] = one.histograms(delay)
  expect(watched).toBeDefined()
  expect([...other.histograms(delay)][0]).toBe(watched)
  one.histogram('test_seconds', help).observe(1)
  const kinds = async (metrics: typeof one) => linesOf(await metrics.text(), '# TYPE ')
  expect(await kinds(other)).toEqual((await kinds(one)).filter((line) => !line.includes('test_seconds')))
})

describe('the text of thousands of series', () => {
  const count = 2_000

  /** Counters, and histograms with many lines for each of theirs. */
  function measured() {
    const metrics = createPrometheusMetrics()
    for (let at = 0; at < count; at++) {
      metrics.counter('test_total', 'has\ntwo lines', { client: `c${at}` }).inc(at)
      metrics.histogram('test_seconds', help, { client: `c${at}` }).observe(at / 1000)
    }
    return metrics
  }

  it('is made in several turns of the event loop', async () => {
    const metrics = measured()
    let turns = 0
    let isMade = false
    const turn = () => {
      turns++
      if (!isMade) setImmediate(turn)
    }
    setImmediate(turn)
    await metrics.text()
    isMade = true
    // At once, they are two or three: each share lasts half a millisecond, and this text takes far longer.
    expect(turns).toBeGreaterThan(20)
  })

  it('is as the library makes it, with each comment once', async () => {
    const metrics = measured()
    const theirs = new Registry()
    const counter = new Counter({
      name: 'test_total',
      help: 'has\ntwo lines',
      labelNames: ['client'],
      registers: [theirs],
    })
    for (let at = 0; at < count; at++) counter.inc({ client: `c${at}` }, at)
    const expected = (await theirs.metrics()).trimEnd()
    const text = await metrics.text()
    expect(text.split('\n\n')).toContain(expected)
    expect(text.match(/^# TYPE test_/gm)).toHaveLength(2)
    expect(text.endsWith('\n') && !text.endsWith('\n\n')).toBe(true)
    expect(linesOf(text, 'test_seconds_')).toHaveLength(18 * count)
    // Those of one process that serves with others, summed.
    const merged = await mergedText([await metrics.report()])
    expect(merged.split('\n\n')).toContain(expected)
  })
})
