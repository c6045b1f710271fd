import type { Context } from '../../../lib/request/clientRequest'
import { Explain, type ExplainReport } from '../../../lib/request/explain'
import type { Fallback, ObjectiveRules, Rule } from '../../../routing/ruleSet/ruleSet'
import { createServices, type Service, type ServiceParts } from '../service'

/** Whatever rules say, and whichever versions are away: by columns and row by row the answers and what is counted are the same. */

const start = createServices()

const features = '{ x: { type: Int, range: [0, 90] }, text: { type: String, default: "t" } }'
const outputs = '{ y: { type: Float }, seen: { type: String } }'
const keys = ['probe@1', 'probe@2', 'probe@3', 'probe@4']
const models = keys.map((key, place) => ({
  ...{ key, features, outputs, serves: ['PROBE'] },
  make: { y: (_: object, y: number) => y + place, seen: (row: object) => `${key} ${JSON.stringify(row)}` },
}))

/** Numbers from 0 to below `end`, the same for the same seed. */
function randomOf(seed: number): (end: number) => number {
  let state = seed * 2654435761 + 1
  return (end) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * end)
  }
}

function rulesOf(random: (end: number) => number): Partial<ObjectiveRules> {
  const model = () => keys[random(4)]
  const use = () => (random(3) === 0 ? { experiment: 'thirds' } : model())
  const when = () => {
    const conditions = [
      { country: 'DE' },
      { 'input.x': { lt: random(90) } },
      { 'input.text': { prefix: 'u' } },
      { not: { member: '1' } },
    ]
    return conditions[random(conditions.length)]
  }
  const rules: Rule[] = Array.from({ length: random(3) }, (_, at) => ({
    ...{ name: `rule-${at}`, use: use() },
    when: when() as Rule['when'],
  }))
  const fallback: Fallback[] = Array.from({ length: random(3) }, model)
  if (random(2) === 0) fallback.push({ constant: { y: -1, seen: 'constant' } })
  const [of, to] = [model(), model()]
  const unit = random(2) === 0 ? { unit: 'input.x' } : {}
  return {
    rules,
    default: use(),
    ...(fallback.length > 0 && { fallback }),
    ...(of !== to && { canary: { of, to, percent: 40, salt: 'c', ...unit } }),
    ...(random(3) === 0 && { shadow: [{ model: model(), percent: 50, salt: 's', ...unit }] }),
  }
}

const parts = (seed: number): ServiceParts => {
  const random = randomOf(seed)
  const xs = Array.from({ length: 12 }, () => random(100))
  return {
    subgraphs: {
      own: {
        sdl: `type Query { things: [Thing!]! }
          type Thing { x: Int! both(text: String): Both @predict(objective: "PROBE") y: Float @predict(objective: "PROBE", output: "y") }
          type Both { y: Float seen: String }`,
        resolvers: { Query: { things: () => xs.map((x) => ({ x })) } },
      },
    },
    objectives: { PROBE: `unit: context.member\ninputs: ${features}\noutputs: ${outputs}` },
    models,
    contextKeys: { member: 'string', country: 'string' },
    moreRules: { PROBE: rulesOf(random) },
    experiments: {
      thirds: {
        salt: 'thirds-1',
        ...(random(2) === 0 && { unit: 'input.x' }),
        cells: [
          { name: 'one', percent: 33.5, use: 'probe@1' },
          { name: 'two', percent: 66.5, use: 'probe@3' },
        ],
      },
    },
  }
}

const query =
  '{ things { x y both { y seen } other: both(text: "u") { seen } same: both(text: "u") { y seen } } }'

const contexts: readonly Context[] = [
  {},
  { member: '1', country: 'DE' },
  { member: '2', country: 'DE' },
  { member: '3' },
]

/** How many rows are told the same, without the batches that they were in. */
function told({ predictions }: ExplainReport): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { path, rows, worker, batchRows, queueMs, computeMs, ...facts } of predictions) {
    // Whoever has an answer of a version has a worker.
    const isRun =
      facts['error'] === undefined && (facts['fallback'] as { by: string } | undefined)?.by !== 'constant'
    expect([worker, batchRows, queueMs, computeMs].map((one) => one !== undefined)).toEqual(
      new Array(4).fill(isRun),
    )
    const key = `${path.replace(/\d+/, '*')} ${JSON.stringify(facts)}`
    counts[key] = (counts[key] ?? 0) + rows
  }
  return counts
}

async function seen(service: Service, away: readonly string[]): Promise<unknown> {
  for (const key of away) {
    const status = service.serving.registry.get(key)!
    service.serving.registry.set({ ...status, state: { is: 'refused', reason: 'for the test' } })
  }
  const answers: unknown[] = []
  for (const context of contexts) {
    const { data, errors = [], extensions } = await service.query(query, {}, { context })
    expect(extensions).toBeUndefined()
    answers.push(data, errors.map((error) => JSON.stringify(error)).sort())
    const explained = await service.query(query, {}, { context, explain: new Explain() })
    expect(explained.data).toEqual(data)
    answers.push(told(explained.extensions?.['presage'] as ExplainReport))
  }
  const counters = [
    'presage_routing_decisions_total',
    'presage_routing_no_unit_total',
    'presage_fallback_total',
    'presage_prediction_failures_total',
  ]
  return [answers, counters.map((name) => service.metrics.bySeries(name))]
}

it.each(Array.from({ length: 40 }, (_, seed) => seed))('rules %i', async (seed) => {
  const random = randomOf(seed + 1000)
  const away = keys.filter(() => random(3) === 0)
  const columns = await seen(await start(parts(seed)), away)
  const rows = await seen(await start({ ...parts(seed), byRow: true }), away)
  expect(columns).toEqual(rows)
})
