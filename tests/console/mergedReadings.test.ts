import { Increases } from '../../console/history/increases'
import { MergedReadings } from '../../console/history/mergedReadings'
import { createPrometheusMetrics } from '../../telemetry/prometheus'

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

const totals = (merged: MergedReadings) =>
  Object.fromEntries(Array.from(merged.counters(inferences), ({ labels, total }) => [labels['model'], total]))
const values = (merged: MergedReadings) =>
  Object.fromEntries(Array.from(merged.gauges(queued), (one) => [one.labels['model'], one.read()]))

it('adds up what each has counted, also of a series that comes later; a series is always the same object', () => {
  const [one, other, merged] = [start(), start(), new MergedReadings()]
  one.rows('a').inc(3)
  other.rows('a').inc(4)
  for (const { told } of [one, other]) merged.add(told())
  expect(totals(merged)).toEqual({ a: 7 })
  const [series] = merged.counters(inferences)
  other.rows('a').inc()
  other.rows('b').inc(2)
  for (const { told } of [one, other]) merged.add(told())
  expect(totals(merged)).toEqual({ a: 8, b: 2 })
  expect([...merged.counters(inferences)][0]).toBe(series)
})

it('takes nothing back when a process begins anew, and counts nothing twice', () => {
  const [old, merged] = [start(), new MergedReadings()]
  old.rows('a').inc(10)
  old.wait('a').observe(1)
  merged.add(old.told())
  const next = start()
  next.rows('a').inc(2)
  next.wait('a').observe(1)
  merged.add(next.told())
  merged.add(next.told())
  expect(totals(merged)).toEqual({ a: 12 })
  expect([...merged.histograms(waits)].map(({ count }) => count)).toEqual([2])
})

it('what was counted before a process tells is no increase', () => {
  const { metrics, rows } = start()
  rows('a').inc(10)
  const increases = new Increases(metrics)
  rows('a').inc()
  const merged = new MergedReadings()
  merged.add(increases.take())
  expect(totals(merged)).toEqual({ a: 1 })
})

it('adds histograms bucket by bucket', () => {
  const [one, other, all, merged] = [start(), start(), start(), new MergedReadings()]
  for (let time = 0; time < 200; time++) {
    const [process, seconds] = [time % 3 === 0 ? one : other, 1.09 ** time * 1e-6]
    process.wait('a').observe(seconds)
    all.wait('a').observe(seconds)
    if (time % 50 === 0) merged.add(process.told())
  }
  for (const { told } of [one, other]) merged.add(told())
  const [expected] = all.metrics.histograms(waits)
  const [{ labels, count, bounds, counts }] = merged.histograms(waits)
  expect(Math.min(...expected.counts)).toBeGreaterThan(0)
  expect({ labels, count, bounds, counts }).toEqual({
    labels: version('a'),
    count: 200,
    bounds: expected.bounds,
    counts: expected.counts,
  })
})

it('one that is missing in a round tells more in the next; gauges are those of the processes that answered', () => {
  const [one, other, merged] = [start(), start(), new MergedReadings()]
  one.gauge('a', () => 5)
  const remove = other.gauge('a', () => 3)
  const round = (...answering: (typeof one)[]) => {
    for (const process of [one, other]) process.rows('a').inc()
    merged.clearGauges()
    for (const { told } of answering) merged.add(told())
    return [totals(merged)['a'], values(merged)['a']]
  }
  expect(round(one, other)).toEqual([2, 8])
  expect(round(one)).toEqual([3, 5])
  expect(round(one, other)).toEqual([6, 8])
  remove()
  expect(round(one, other)).toEqual([8, 5])
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
