import { Explain } from '../../../lib/request/explain'
import { parseRuleSet } from '../../../routing/parse/parseRuleSet'
import type { Exposure } from '../../../serving/exposure/exposure'
import { Exposures } from '../../../serving/exposure/exposures'
import { compileRules } from '../../../serving/rules/ruleBook'
import { ShadowComparisons } from '../../../serving/shadow/shadowComparisons'
import { Shadows } from '../../../serving/shadow/shadows'
import { FakeClock, settle } from '../../support/fakeClock'
import { seeded } from '../../support/seeded'
import { createServices } from '../service'
import { type Random, randomRequest, randomWorld, withOtherRules } from './randomWorld'
import { Specification } from './specification'
import {
  type Asked,
  deadlineMs,
  heldTogether,
  partsOf,
  pauseMs,
  placement,
  textOf,
  type World,
} from './world'

/** Whatever is asked: what requests leave behind beside their answers is what the documentation says. */

const start = createServices()

const metrics = [
  'presage_cache_bypassed_total',
  'presage_cache_hits_total',
  'presage_cache_misses_total',
  'presage_cache_shared_total',
  'presage_exposures_total',
  'presage_fallback_total',
  'presage_inference_count_total',
  'presage_null_inputs_total',
  'presage_prediction_failures_total',
  'presage_routing_decisions_total',
  'presage_routing_no_unit_total',
  'presage_shadow_compared_total',
  'presage_shadow_dropped_total',
  'presage_shadow_rows_total',
  'presage_version_failures_total',
]

/** A deployment that listens to itself as one does whose configuration says so. */
async function deployment(world: World) {
  const clock = new FakeClock()
  const workers = heldTogether()
  const service = await start({ ...partsOf(world), clock, start: workers.start })
  const { serving } = service
  for (const key of world.away)
    serving.registry.set({ ...serving.registry.get(key)!, state: { is: 'refused', reason: 'for the test' } })
  const shadows = new Shadows(serving, { maxRows: 1000, deadlineMs: 1000 })
  const settings = { tolerance: 0.001, k: 10, maxPairs: 100, examples: 0 }
  const comparisons = new ShadowComparisons(settings, serving.metrics)
  shadows.shadowed((rows) => comparisons.record(rows))
  let lines: string[] = []
  new Exposures({
    ...{ runtime: serving, shadows, sample: 1 },
    write: (line, counter) => {
      const { time, ruleSet, ruleSetHash, ...exposure } = JSON.parse(line) as Exposure
      lines.push(JSON.stringify(exposure))
      counter.inc()
    },
  })
  let seen = 0
  return {
    activate({ rules, experiments }: World) {
      const ruleSet = parseRuleSet(
        JSON.stringify({ objectives: rules, experiments, placement }),
        'rules.yaml',
      )
      const compiled = { number: 2, sha256: 'of others', ruleSet }
      serving.rules.activate(compileRules(compiled, serving.objectives, serving.registry))
    },
    async ask(all: readonly Asked[]) {
      workers.hold()
      const answers: Promise<unknown>[] = []
      for (const asked of all) {
        const { id, context, client: subject, bypasses, isSynthetic, isExplained, afterMs } = asked
        clock.advance(afterMs)
        const request = {
          ...{ id, context, subject, overrides: new Map(Object.entries(asked.overrides)) },
          ...(asked.isLate && { deadline: clock.now() + deadlineMs }),
          ...(bypasses && { bypassesCache: true as const }),
          ...(isSynthetic && { isSynthetic }),
          ...(isExplained && { explain: new Explain() }),
        }
        answers.push(service.query(textOf(asked), {}, request))
        await settle()
      }
      if (all[0].isLate) {
        clock.advance(deadlineMs)
        await settle()
      }
      workers.release()
      await Promise.all(answers)
      // Shadows wait until timers are on time.
      for (let ms = 0; ms < pauseMs; ms++) {
        clock.advance(1)
        await settle()
      }
      await settle()
    },
    left() {
      const batches = service.batches.slice(seen)
      seen = service.batches.length
      const runs = batches.flatMap(({ key, rows }) => rows.map(({ x, k = '' }) => `${key} ${x} ${k}`))
      const counts = metrics.map((name) => {
        const sums: Record<string, number> = {}
        for (const [labels, count] of Object.entries(service.metrics.bySeries(name))) {
          // Which of two shards makes a row that the cache keeps for both depends on whose inputs come first.
          const series = labels.replace(/ shard=.*/, '')
          if (count > 0) sums[series] = (sums[series] ?? 0) + count
        }
        return [name, sums]
      })
      const written = lines
      lines = []
      return { runs: runs.sort(), lines: written, counts: Object.fromEntries(counts) }
    },
  }
}

it.each(Array.from({ length: 120 }, (_, seed) => seed))('sequence %i', async (seed) => {
  const draw = seeded(seed)
  const random: Random = (end) => Math.floor(draw() * end)
  let world = randomWorld(random)
  const { activate, ask, left } = await deployment(world)
  const specification = new Specification(world)
  for (let request = 0; request < 8; request++) {
    if (request === 5) {
      world = withOtherRules(random, world)
      activate(world)
      specification.world = world
    }
    const asked = [randomRequest(random, world)]
    // What is found by who falls back, and so asks later, would depend on how long others take.
    const isAlone = Object.values(world.rules).some(({ fallback }) => fallback !== undefined)
    if (!isAlone && random(2) === 0) asked.push({ ...randomRequest(random, world), afterMs: 0 })
    // A second version would be asked after the deadline, or the second shard for what the first did not make in time.
    const isOneVersion = Object.values(world.rules).every(
      ({ fallback = [] }) => typeof (fallback[0] ?? {}) !== 'string',
    )
    const isOneShard = asked[0].fields.every(({ isLarge }) => !isLarge)
    if (asked.length === 1 && isOneVersion && isOneShard && random(4) === 0)
      asked[0] = { ...asked[0], isLate: true }
    await ask(asked)
    specification.ask(asked)
    const { counts } = specification
    const { lines: written, ...others } = left()
    const runs = specification.runs.splice(0)
    const lines = [...specification.lines.splice(0)]
    if (asked[0].isLate) {
      // What the workers had begun is not said.
      runs.splice(0, runs.length, ...others.runs)
      counts.presage_inference_count_total = { ...others.counts.presage_inference_count_total }
    }
    // One of several lines stands for them.
    const known = written.map((line) => lines.find((some) => some.includes(line))?.[0] ?? line)
    expect({ world, asked, lines: known.sort(), ...others }).toEqual({
      ...{ world, asked, lines: lines.map(([line]) => line).sort(), runs: runs.sort() },
      counts: Object.fromEntries(metrics.map((name) => [name, counts[name] ?? {}])),
    })
  }
})
