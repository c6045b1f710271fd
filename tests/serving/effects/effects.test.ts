import { FakeClock, settle } from '../../support/fakeClock'
import { seeded } from '../../support/seeded'
import { createServices } from '../service'
import { Specification } from './specification'
import { type Asked, partsOf, textOf, type World } from './world'

/** Whatever is asked: what requests leave behind beside their answers is what the documentation says. */

const start = createServices()

const metrics = [
  'presage_cache_hits_total',
  'presage_cache_misses_total',
  'presage_cache_bypassed_total',
  'presage_prediction_failures_total',
]

type Random = (end: number) => number

function randomWorld(random: Random): World {
  return {
    objectives: { A: random(4) === 0 ? {} : { ttlMs: 1000 } },
    maxRows: 10_000,
    rules: { A: { default: `p@${1 + random(3)}` } },
    experiments: {},
    away: [],
  }
}

function randomRequest(random: Random, { objectives }: World): Asked {
  const names = Object.keys(objectives)
  return {
    fields: Array.from({ length: 1 + random(3) }, () => {
      const k = random(2)
      return {
        asks: names[random(names.length)],
        wanted: ([['y'], ['z'], ['y', 'z']] as const)[random(3)],
        rows: Array.from({ length: random(6) }, () => ({ x: [...Array(10).keys(), null, 50][random(12)], k })),
      }
    }),
    context: {},
    bypasses: random(5) === 0,
    isSynthetic: random(5) === 0,
    afterMs: [0, 1, 300, 999, 1000][random(5)],
  }
}

it.each(Array.from({ length: 300 }, (_, seed) => seed))('sequence %i', async (seed) => {
  const draw = seeded(seed)
  const random: Random = (end) => Math.floor(draw() * end)
  const world = randomWorld(random)
  const clock = new FakeClock()
  const service = await start({ ...partsOf(world), clock })
  const specification = new Specification(world)
  const batches = () => service.batches.length
  for (let request = 0; request < 5; request++) {
    const asked = randomRequest(random, world)
    const from = batches()
    clock.advance(asked.afterMs)
    specification.ask(asked)
    await service.query(
      textOf(asked),
      {},
      {
        context: asked.context,
        ...(asked.bypasses && { bypassesCache: true }),
        ...(asked.isSynthetic && { isSynthetic: true }),
      },
    )
    await settle()
    const runs = service.batches.slice(from).flatMap(({ key, rows }) => rows.map(({ x, k }) => `${key} ${x} ${k ?? ''}`))
    const counts = Object.fromEntries(metrics.map((name) => [name, service.metrics.bySeries(name)]))
    const expected = Object.fromEntries(metrics.map((name) => [name, specification.counts[name] ?? {}]))
    expect({ request, asked, runs: runs.sort(), counts }).toEqual({
      ...{ request, asked, runs: specification.runs.sort(), counts: expected },
    })
    specification.runs = []
  }
})
