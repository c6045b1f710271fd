import { latestOf, lonely, stacked, sumOf } from '../../../console/page/charts/chartSeries'
import { countSince } from '../../../console/page/charts/countSince'
import { joinAnswers, type MetricsAnswer, metricsPath } from '../../../console/page/data/metrics'
import { binsOf, quantile } from '../../../console/page/outputs/bins'

const answer = (times: number[], series: MetricsAnswer['series']): MetricsAnswer => ({
  source: 'process',
  now: times.at(-1) ?? 0,
  stepMs: 10,
  times,
  series,
})
const counter = (model: string, values: (number | null)[]) => ({
  name: 'decisions',
  kind: 'counter' as const,
  labels: { model },
  values,
})

it('a poll adds its steps, and counters that came or went counted nothing in the others', () => {
  const old = answer([10, 20], [counter('a', [1, 2]), counter('b', [3, 4])])
  const newer = answer([30], [counter('a', [5]), counter('c', [6])])
  expect(joinAnswers(old, newer)).toMatchObject({
    times: [10, 20, 30],
    series: [counter('a', [1, 2, 5]), counter('b', [3, 4, 0]), counter('c', [0, 0, 6])],
  })
})

it('where no process was there to count, a counter that came has a gap, as all others; a gauge has one before it came', () => {
  const gauge = { ...counter('b', [6]), kind: 'gauge' as const }
  const old = answer([10, 20], [counter('a', [null, 2])])
  const { series } = joinAnswers(old, answer([30], [counter('a', [5]), gauge, counter('c', [6])]))
  expect(series.map(({ values }) => values)).toEqual([
    [null, 2, 5],
    [null, null, 6],
    [null, 0, 6],
  ])
})

it('after steps that are missing, as while a server was away, stands one without values', () => {
  const old = answer([10, 20], [counter('a', [1, 2]), counter('b', [3, 4])])
  const joined = joinAnswers(old, answer([90, 100], [counter('a', [5, 6]), counter('c', [7, 8])]))
  expect(joined).toMatchObject({
    times: [10, 20, 30, 90, 100],
    series: [
      counter('a', [1, 2, null, 5, 6]),
      counter('b', [3, 4, null, 0, 0]),
      counter('c', [0, 0, null, 7, 8]),
    ],
  })
})

it.each([10_000, 15_000])('an hour of steps of %i ms is kept, and no more', (stepMs) => {
  const hour = 3_600_000 / stepMs
  const times = Array.from({ length: hour }, (_, at) => at * stepMs)
  const next = { ...answer([3_600_000], [counter('a', [1])]), stepMs }
  const joined = joinAnswers(answer(times, [counter('a', times)]), next)
  expect([joined.times.length, joined.times[0], joined.series[0].values?.at(-1)]).toEqual([hour, stepMs, 1])
})

it('only whole steps since a time are counted', () => {
  const all = answer([10, 20, 30], [counter('a', [1, 2, 4]), counter('b', [8, 8, 8])])
  const isOwn = ({ labels }: { labels: Readonly<Record<string, string>> }) => labels['model'] === 'a'
  expect([0, 1, 10, 11, 25].map((start) => countSince(all, start, isOwn))).toEqual([7, 6, 6, 4, 0])
})

it('layers lie on each other, and a step without any value stays empty', () => {
  const series = [
    [1, null, null],
    [2, 3, null],
  ].map((values, at) => ({ label: String(at), values }))
  expect(stacked(series)).toEqual([
    [1, null, null],
    [3, 3, null],
  ])
  expect(sumOf([1, null, 2])).toBe(3)
})

it('a value of an earlier step is not that of now', () => {
  expect([[1, 2], [1, null], []].map(latestOf)).toEqual([2, null, null])
})

it('values without neighbours, such as those of a first step, are drawn as points', () => {
  expect(lonely([5])).toEqual([0])
  expect(lonely([1, null, 0, null, 3, 4, null, 5])).toEqual([0, 2, 7])
  expect(lonely([1, 2])).toEqual([])
})

it('labels and values of a question are escaped', () => {
  const where = { objective: 'A&B', model: ['x', 'y'] }
  expect(metricsPath({ names: ['n', 'm'], by: ['model'], top: 8, where }, 5)).toBe(
    '/console/metrics?names=n%2Cm&by=model&top=8&objective=A%26B&model=x&model=y&since=5',
  )
})

it('quantiles lie between the edges of bins', () => {
  const bins = binsOf({
    count: 10,
    bounds: [0, 1, 2],
    counts: [5, 5],
  })
  expect([0.25, 0.5, 0.9].map((share) => quantile(bins, share))).toEqual([0.5, 1, 1.8])
})
