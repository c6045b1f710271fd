import { Increases, ToldIncreases } from '../../console/history/increases'
import { MetricHistory } from '../../console/history/metricHistory'
import { readQuestion } from '../../console/metrics/question'
import { createPrometheusMetrics } from '../../telemetry/prometheus'
import { FakeClock } from '../support/fakeClock'

const inferences = 'presage_inference_count_total'
const queued = 'presage_queued_rows'
const waits = 'presage_queue_duration_seconds'

const version = (model: string) => ({ model, version: '1', shard: 'main' })

/** A process that serves, and what it tells over the channel. */
function start() {
  const metrics = createPrometheusMetrics()
  const increases = new Increases(metrics)
  return {
    metrics,
    told: () => JSON.parse(JSON.stringify(increases.take())) as ReturnType<Increases['take']>,
    rows: (model: string) => metrics.counter(inferences, 'help', version(model)),
    wait: (model: string) => metrics.histogram(waits, 'help', version(model)),
    gauge: (model: string, read: () => number) => metrics.gauge(queued, 'help', version(model), read),
  }
}

/** The history of several processes; `step` shows the values of a metric in a step that ends now, by model. */
function gather(told: Pick<ToldIncreases, 'take'>) {
  const clock = new FakeClock()
  const history = new MetricHistory({ increases: told, clock })
  const ask = async (name: string) =>
    (await history.answer(readQuestion(new URLSearchParams({ names: name, by: 'model' })))).series
  return {
    ask,
    async step(name: string) {
      clock.advance(10_000)
      const series = (await ask(name)).filter(({ labels }) => labels['model'] !== undefined)
      return Object.fromEntries(
        series.map((one) => [
          one.labels['model'],
          (one.kind === 'histogram' ? one.count : one.values).at(-1),
        ]),
      )
    },
  }
}

it('adds up what each has counted, also of a series that comes later', async () => {
  const [one, other, all] = [start(), start(), new ToldIncreases()]
  const { step } = gather(all)
  one.rows('a').inc(3)
  other.rows('a').inc(4)
  for (const { told } of [one, other]) all.add(told())
  expect(await step(inferences)).toEqual({ a: 7 })
  other.rows('a').inc()
  other.rows('b').inc(2)
  for (const { told } of [one, other]) all.add(told())
  expect(await step(inferences)).toEqual({ a: 1, b: 2 })
  expect(await step(inferences)).toEqual({ a: 0, b: 0 })
})

it('takes nothing back when a process begins anew, and counts nothing twice', async () => {
  const [old, all] = [start(), new ToldIncreases()]
  const { step, ask } = gather(all)
  old.rows('a').inc(10)
  old.wait('a').observe(1)
  all.add(old.told())
  const next = start()
  next.rows('a').inc(2)
  next.wait('a').observe(1)
  all.add(next.told())
  all.add(next.told())
  expect(await step(inferences)).toEqual({ a: 12 })
  expect((await ask(waits))[0]).toMatchObject({ labels: { model: 'a' }, count: [2] })
})

it('keeps the labels of a series as long as it tells something, and not of all that there ever were', () => {
  const all = new ToldIncreases()
  const labelsOf = (model: string) => {
    all.add([{ name: inferences, series: [{ labels: version(model), by: [1] }] }])
    return all.take()[0].series[0].labels
  }
  const [busy, silent] = [labelsOf('busy'), labelsOf('silent')]
  for (let step = 0; step < 720; step++) expect(labelsOf('busy')).toBe(busy)
  expect(labelsOf('silent')).toEqual(silent)
  expect(labelsOf('silent')).not.toBe(silent)
})

it('what was counted before a process tells is no increase', () => {
  const { metrics, rows } = start()
  rows('a').inc(10)
  const increases = new Increases(metrics)
  rows('a').inc()
  expect(increases.take().find(({ name }) => name === inferences)?.series).toEqual([
    { labels: version('a'), by: [1] },
  ])
})

it('adds histograms bucket by bucket', async () => {
  const [one, other, all, told] = [start(), start(), start(), new ToldIncreases()]
  const [merged, whole] = [gather(told), gather(new Increases(all.metrics))]
  for (let time = 0; time < 200; time++) {
    const [process, seconds] = [time % 3 === 0 ? one : other, 1.09 ** time * 1e-6]
    process.wait('a').observe(seconds)
    all.wait('a').observe(seconds)
    if (time % 50 === 0) told.add(process.told())
  }
  for (const process of [one, other]) told.add(process.told())
  expect(await merged.step(waits)).toEqual({ a: 200 })
  expect(await whole.step(waits)).toEqual({ a: 200 })
  expect(await merged.ask(waits)).toEqual(await whole.ask(waits))
})

it('one that is missing in a round tells more in the next; gauges are those of the processes that answered', async () => {
  const [one, other, all] = [start(), start(), new ToldIncreases()]
  const { step, ask } = gather(all)
  one.gauge('a', () => 5)
  const remove = other.gauge('a', () => 3)
  const round = async (...answering: (typeof one)[]) => {
    for (const process of [one, other]) process.rows('a').inc()
    all.clearGauges()
    for (const { told } of answering) all.add(told())
    const { a: counted } = await step(inferences)
    const [gauge] = await ask(queued)
    return [counted, gauge.kind === 'histogram' ? undefined : gauge.values.at(-1)]
  }
  expect(await round(one, other)).toEqual([2, 8])
  expect(await round(one)).toEqual([1, 5])
  expect(await round(one, other)).toEqual([3, 8])
  remove()
  expect(await round(one, other)).toEqual([2, 5])
  // What comes too late for a round counts in the next, but for its gauges.
  one.rows('a').inc()
  all.add(one.told())
  expect(await round(other)).toEqual([2, 0])
})

it('tells only what has changed', () => {
  const { rows, wait, told } = start()
  for (const model of ['a', 'b']) {
    rows(model).inc()
    wait(model).observe(1)
  }
  told()
  rows('b').inc(2)
  const changed = told().filter(({ name }) => [inferences, waits].includes(name))
  expect(changed).toEqual([{ name: inferences, series: [{ labels: version('b'), by: [2] }] }])
})
