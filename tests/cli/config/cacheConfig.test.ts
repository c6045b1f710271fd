import { startCache } from '../../../cli/predictions/startCache'
import { systemClock } from '../../../lib/clock'
import { noMetrics } from '../../../lib/metrics'
import { parseObjective } from '../../../models/objectives/parseObjective'
import { freePort } from '../../support/freePort'
import { load, problemsOf } from '../writtenConfig'

it('answers are kept in memory, within 64 MiB, unless another place is named', () => {
  expect(load('{}').cache).toEqual({ store: 'memory', bytes: 67_108_864, entries: 1_000_000, bypass: false })
  expect(load('cache: { store: { redis: "redis://r:6379" }, bypass: true }').cache).toMatchObject({
    store: { redis: 'redis://r:6379', name: 'cache', timeout: 10 },
    bypass: true,
  })
})

it.each([
  ['cache: { store: files }', 'cache.store: must be memory or { redis: url }, got "files"'],
  ['cache: { bytes: 0 }', 'cache.bytes: must be a whole number from 1 on, got 0'],
  ['cache: { entries: 20000000 }', 'cache.entries: must be at most 10,000,000, got 20000000'],
  ['cache: { ttl: 1s }', 'cache.ttl: '],
])('%s is refused', (text, problem) => {
  expect(problemsOf(text)).toEqual([expect.stringContaining(problem)])
})

const objective = (more: string) =>
  new Map([
    [
      'O',
      parseObjective(
        `objective: O\ndescription: d\ninputs: {}\noutputs: { y: { type: Float } }\n${more}`,
        'O.yaml',
      ),
    ],
  ])

it('a Redis that does not answer is told with the place that names it', async () => {
  const config = load(`cache:\n  store:\n    redis: "redis://127.0.0.1:${await freePort()}"\n`)
  const lines: string[] = []
  const log = (line: string) => lines.push(line)
  const cache = startCache(config, objective('cache: { ttl: 1m }'), {
    clock: systemClock,
    metrics: noMetrics,
    log,
  })!
  await cache['parts'].store.read(['a'], Number.POSITIVE_INFINITY)
  expect(lines).toEqual([
    expect.stringMatching(/presage\.yaml:3: cache\.store\.redis: the prediction cache does not answer, so /),
  ])
  await cache.dispose()
})

it('there is no cache where no objective has answers kept', async () => {
  const tools = { clock: systemClock, metrics: noMetrics, log: () => {} }
  expect(startCache(load('{}'), objective(''), tools)).toBeUndefined()
  const cache = startCache(load('{}'), objective('cache: { ttl: 1m }'), tools)
  expect(cache).toBeDefined()
  await cache!.dispose()
})
