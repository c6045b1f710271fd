import { Increases } from '../../console/history/increases'
import { MetricHistory, type MetricHistoryOptions } from '../../console/history/metricHistory'
import type { AnsweredSeries } from '../../console/metrics/answer'
import { readQuestion } from '../../console/metrics/question'
import { createPrometheusMetrics } from '../../telemetry/prometheus'
import { FakeClock } from '../support/fakeClock'

const stepMs = 10_000
const began = 1_700_000_000_000

const inferences = 'presage_inference_count_total'
const queued = 'presage_queued_rows'
const waits = 'presage_queue_duration_seconds'
const decisions = 'presage_routing_decisions_total'

function start(options: Partial<MetricHistoryOptions> = {}) {
  const metrics = createPrometheusMetrics()
  const clock = new FakeClock()
  const origin = clock.now()
  const wallClock = () => began + clock.now() - origin
  const history = new MetricHistory({ increases: new Increases(metrics), clock, wallClock, ...options })
  const version = (model: string, shard = 'main') => ({ model, version: '1', shard })
  return {
    metrics,
    clock,
    history,
    rows: (model: string, shard?: string) => metrics.counter(inferences, 'help', version(model, shard)),
    wait: (model: string) => metrics.histogram(waits, 'help', version(model)),
    gauge: (model: string, read: () => number) => metrics.gauge(queued, 'help', version(model), read),
    step: (count = 1) => clock.advance(count * stepMs),
    ask: (search: string) => history.answer(readQuestion(new URLSearchParams(search))),
  }
}

/** `by` of one label: that label's value, or what stands for it, with the series' values. */
const valuesOf = (series: readonly AnsweredSeries[]) =>
  series.map((one) => [
    one.other ? 'other' : Object.values(one.labels).join(' '),
    one.kind === 'histogram' ? one.count : one.values,
  ])

it('a step holds what was counted in it, and 0 before the series existed', async () => {
  const { rows, step, ask } = start()
  const a = rows('a')
  rows('idle')
  step()
  a.inc(3)
  step()
  step()
  a.inc(2)
  rows('b').inc()
  step()
  const { source, now, times, series, stepMs: told } = await ask(`names=${inferences}&by=model`)
  expect({ source, now, told }).toEqual({ source: 'process', now: began + 4 * stepMs, told: stepMs })
  expect(times).toEqual([1, 2, 3, 4].map((one) => began + one * stepMs))
  expect(valuesOf(series)).toEqual([
    ['a', [0, 3, 0, 2]],
    ['b', [0, 0, 0, 1]],
  ])
  expect(valuesOf((await ask(`names=${inferences}&by=`)).series)).toEqual([['', [0, 3, 0, 3]]])
})

it('what was counted before it began is no increase', async () => {
  const { metrics, clock } = start()
  const counter = metrics.counter(decisions, 'help', { objective: 'A' })
  const wait = metrics.histogram(waits, 'help', { model: 'a' })
  counter.inc(100)
  wait.observe(1)
  const history = new MetricHistory({ increases: new Increases(metrics), clock })
  counter.inc(1)
  wait.observe(1)
  wait.observe(2)
  clock.advance(stepMs)
  const asked = readQuestion(new URLSearchParams(`names=${decisions},${waits}&by=`))
  expect(valuesOf((await history.answer(asked)).series)).toEqual([
    ['', [1]],
    ['', [2]],
  ])
})

it('a gauge shows its value at the end of each step, and nothing once it is taken back', async () => {
  const { gauge, step, ask } = start()
  let value = 0
  const remove = gauge('a', () => value)
  gauge('b', () => 1)
  step()
  value = 7
  step()
  value = 4
  step()
  remove()
  step()
  const { series } = await ask(`names=${queued}&by=model`)
  expect(valuesOf(series)).toEqual([
    ['a', [null, 7, 4, 0]],
    ['b', [1, 1, 1, 1]],
  ])
})

it('series are summed over the labels that are not asked for, and chosen by label', async () => {
  const { rows, step, ask } = start()
  rows('a', 'main').inc(1)
  rows('a', 'spare').inc(2)
  rows('b', 'spare').inc(4)
  step()
  expect(valuesOf((await ask(`names=${inferences}&by=model`)).series)).toEqual([
    ['b', [4]],
    ['a', [3]],
  ])
  expect(valuesOf((await ask(`names=${inferences}&by=model&shard=spare`)).series)).toEqual([
    ['b', [4]],
    ['a', [2]],
  ])
  expect(valuesOf((await ask(`names=${inferences}&by=&model=a`)).series)).toEqual([['', [3]]])
  expect(valuesOf((await ask(`names=${inferences}&by=&model=a&model=b`)).series)).toEqual([['', [7]]])
  expect(valuesOf((await ask(`names=${inferences}&by=model&objective=A`)).series)).toEqual([])
  expect((await ask(`names=${inferences}`)).series.map(({ labels }) => labels)).toEqual([
    { model: 'b', version: '1', shard: 'spare' },
    { model: 'a', version: '1', shard: 'spare' },
    { model: 'a', version: '1', shard: 'main' },
  ])
})

it('top shows the largest of the whole time, and the others as one, also of the steps since a time', async () => {
  const { rows, wait, step, ask } = start()
  for (const [model, count] of [
    ['small', 1],
    ['large', 9],
    ['middle', 5],
    ['tiny', 0.5],
  ] as const) {
    rows(model).inc(count)
    for (let n = 0; n < count; n++) wait(model).observe(0.001)
  }
  step()
  rows('tiny').inc(2)
  step()
  expect(valuesOf((await ask(`names=${inferences}&by=model&top=2`)).series)).toEqual([
    ['large', [9, 0]],
    ['middle', [5, 0]],
    ['other', [1.5, 2]],
  ])
  const later = await ask(`names=${inferences}&by=model&top=2&since=${began + stepMs}`)
  expect(later.times).toEqual([began + 2 * stepMs])
  expect(valuesOf(later.series)).toEqual([
    ['large', [0]],
    ['middle', [0]],
    ['other', [2]],
  ])
  expect(valuesOf((await ask(`names=${waits}&by=model&top=1`)).series)).toEqual([
    ['large', [9, 0]],
    ['other', [7, 0]],
    ['', [16, 0]],
  ])
  expect((await ask(`names=${inferences}&since=${began + 2 * stepMs}`)).times).toEqual([])
})

it('percentiles are of the summed buckets', async () => {
  const { wait, step, ask } = start()
  for (let n = 0; n < 99; n++) wait('a').observe(0.0002)
  wait('b').observe(0.8)
  step()
  step()
  const { series } = await ask(`names=${waits}&by=model`)
  expect(series).toEqual([
    // Within 0.0001 to 0.00025, and within 0.5 to 1.
    expect.objectContaining({
      labels: { model: 'a' },
      count: [99, 0],
      p50: [expect.closeTo(0.000175), null],
    }),
    expect.objectContaining({ labels: { model: 'b' }, count: [null, 0].map((_, n) => (n === 0 ? 1 : 0)) }),
    expect.objectContaining({
      labels: {},
      count: [100, 0],
      p50: [expect.closeTo(0.0001 + (0.00015 * 50) / 99, 10), null],
      p99: [expect.closeTo(0.00025, 10), null],
    }),
  ])
})

it('keeps the last steps, also when the ring goes round', async () => {
  const { rows, step, ask } = start({ steps: 3 })
  for (let n = 1; n <= 8; n++) {
    rows('a').inc(n)
    step()
  }
  const { times, series } = await ask(`names=${inferences}&by=model`)
  expect(times).toEqual([6, 7, 8].map((one) => began + one * stepMs))
  expect(valuesOf(series)).toEqual([['a', [6, 7, 8]]])
})

it('a series without traffic takes no memory any more, and counts on from where it was', async () => {
  const { rows, gauge, step, ask, history } = start({ steps: 10 })
  rows('a').inc(5)
  let value = 1
  gauge('a', () => value)
  step()
  expect(history.bytes).toBe(2 * 10 * 8)
  value = 0
  step(40)
  expect(history.bytes).toBe(0)
  expect(valuesOf((await ask(`names=${inferences}&by=model`)).series)).toEqual([])
  rows('a').inc(2)
  value = 3
  step()
  const { series } = await ask(`names=${inferences},${queued}&by=model&since=${began + 41 * stepMs}`)
  expect(valuesOf(series)).toEqual([
    ['a', [2]],
    ['a', [3]],
  ])
})

describe('where there is no room for every series', () => {
  const room = { steps: 10, maxBytes: 2 * 10 * 8 }

  it('the one that was idle the longest leaves', async () => {
    const { rows, step, ask, history } = start(room)
    rows('a').inc()
    step()
    rows('b').inc()
    step(7)
    rows('c').inc()
    step()
    expect(history.bytes).toBe(room.maxBytes)
    expect(valuesOf((await ask(`names=${inferences}&by=model`)).series)).toEqual([
      ['b', [0, 1, 0, 0, 0, 0, 0, 0, 0]],
      ['c', [0, 0, 0, 0, 0, 0, 0, 0, 1]],
      ['other', [1, 0, 0, 0, 0, 0, 0, 0, 0]],
    ])
  })

  it('busy ones stay, and the sum has all of them', async () => {
    const { rows, wait, step, ask, history } = start(room)
    for (let n = 0; n < 5; n++) {
      for (const model of ['a', 'b', 'c', 'd']) rows(model).inc(2)
      wait('e').observe(0.001)
      step()
    }
    expect(history.bytes).toBe(room.maxBytes)
    const { series } = await ask(`names=${inferences},${waits}&by=model`)
    expect(valuesOf(series)).toEqual([
      ['a', [2, 2, 2, 2, 2]],
      ['b', [2, 2, 2, 2, 2]],
      ['other', [4, 4, 4, 4, 4]],
      ['other', [1, 1, 1, 1, 1]],
      ['', [1, 1, 1, 1, 1]],
    ])
  })

  it('an idle one that needs more than it has takes it from another one', async () => {
    const { wait, step, history } = start({ steps: 10, maxBytes: 2 * 10 * 4 })
    wait('a').observe(0.001)
    step()
    wait('b').observe(0.001)
    step(7)
    wait('a').observe(0.001)
    wait('a').observe(1)
    step()
    // Two rows of one series; a third one would be beyond.
    wait('c').observe(0.001)
    step(40)
    expect(history.bytes).toBe(0)
  })
})

it('steps that a long turn made late are one', async () => {
  const { rows, clock, step, ask } = start()
  rows('a').inc()
  clock.stall(3 * stepMs + 500)
  clock.advance(0)
  rows('a').inc()
  step()
  const { times, series } = await ask(`names=${inferences}&by=`)
  expect(times).toEqual([began + 3 * stepMs + 500, began + 4 * stepMs + 500])
  expect(valuesOf(series)).toEqual([['', [1, 1]]])
})

it('a step ends when its readings are up to date', async () => {
  let done = () => {}
  const { rows, clock, step, ask } = start({
    refresh: (then) => {
      done = then
    },
  })
  step()
  expect((await ask(`names=${inferences}&by=`)).times).toEqual([])
  clock.stall(300)
  rows('a').inc(2)
  done()
  const { times, series } = await ask(`names=${inferences}&by=`)
  expect(times).toEqual([began + stepMs + 300])
  expect(valuesOf(series)).toEqual([['', [2]]])
  // The next one is not late.
  clock.advance(stepMs - 300)
  done()
  expect((await ask(`names=${inferences}&by=`)).times.at(-1)).toBe(began + 2 * stepMs)
})

it('reads nothing any more once it is disposed of', () => {
  const { history, clock } = start()
  expect(clock.pending).toBe(1)
  history.dispose()
  expect(clock.pending).toBe(0)
})

it('reads nothing any more if it is disposed of while readings are brought up to date', () => {
  let done = () => {}
  const { history, clock, step } = start({
    refresh: (then) => {
      done = then
    },
  })
  step()
  history.dispose()
  done()
  expect(clock.pending).toBe(0)
})
