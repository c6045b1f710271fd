import { PreparedRules, type PreparedRulesOptions } from '../../../cli/rules/preparedRules'
import { LoadError } from '../../../lib/errors'
import type { Objective } from '../../../models/contracts/objective'
import { sha256Of } from '../../../routing/store/ruleSetVersion'
import { createServices } from '../../serving/service'
import { settle } from '../../support/fakeClock'

const start = createServices()

/** Version 1 of rules, for a deployment where a field asks for probe@1 on another shard than `main`. */
async function prepared(
  placement: object | undefined,
  more: { objectives?: object; experiments?: object } = {},
  options: Partial<PreparedRulesOptions> = {},
) {
  const { serving } = await start({
    subgraphs: { own: { sdl: 'type Query { x: Int }' } },
    objectives: {
      PROBE: 'unit: context.member\ninputs: { x: { type: Int } }\noutputs: { y: { type: Float } }',
    },
    models: [],
  })
  const rules = new PreparedRules({
    serving,
    library: { ensureLoaded: async () => {}, wake: async () => {} },
    knownNames: () => ({
      objectives: serving.objectives,
      models: new Set(['probe@1']),
      serves: new Map(),
      asked: new Map(),
      fieldShards: new Map(),
      pins: [{ field: 'Thing.y', model: 'probe@1', shard: 'far' }],
      contextTypes: new Map(),
      freeKeys: new Set(),
    }),
    fields: () => [],
    isPart: false,
    timeoutMs: 1000,
    readyLate: () => {},
    ...options,
  })
  const objectives = { PROBE: { default: 'probe@1' }, ...more.objectives }
  const text = JSON.stringify({ ...more, objectives, placement })
  return {
    serving,
    rules,
    version: { number: 1, sha256: sha256Of(text), author: '', time: '', message: '', text },
  }
}

it.each([undefined, {}, { '*': 'main' }, { probe: 'main' }, { '*': 'main', other: 'main' }])(
  'rules that do not place a version where a field asks for it are served, with fallbacks: placement %j',
  async (placement) => {
    const { rules, version } = await prepared(placement)
    expect(rules.servable(version).number).toBe(1)
  },
)

const others = {
  objectives: { LATER: { default: { experiment: 'models' } }, LAST: { default: 'probe@2' } },
  experiments: {
    models: {
      unit: 'context.member',
      salt: 'models',
      cells: [
        { name: 'a', percent: 50, use: 'later@1' },
        { name: 'b', percent: 50, use: 'later@2' },
      ],
    },
  },
}

it.each([
  ['short', {}],
  // Read in a thread.
  ['long', { message: 'm'.repeat(20_000) }],
])(
  'a %s version is prepared and served whatever it says of objectives that this process lacks',
  async (_, message) => {
    const placement = { probe: ['main', 'far'], later: 'gpu', 'later@2': 'main', 'probe@2': 'gpu' }
    const { rules, version } = await prepared(placement, { ...others, ...message })
    expect(await rules.prepare(version)).toEqual([])
    const { ruleSet } = rules.servable(version)
    expect(ruleSet).toMatchObject({
      objectives: { PROBE: { default: 'probe@1' } },
      experiments: {},
      placement: { probe: ['main', 'far'] },
    })
    expect(Object.keys(ruleSet.objectives)).toEqual(['PROBE'])
    expect(Object.keys(ruleSet.placement)).toEqual(['probe'])
    expect(Object.keys(ruleSet.experiments)).toEqual([])
  },
)

it('what a version says of an objective that comes later is served from then on', async () => {
  const { serving, rules, version } = await prepared(
    { probe: ['main', 'far'] },
    { objectives: { LAST: { default: 'probe@1' } } },
  )
  expect(await rules.prepare(version)).toEqual([])
  expect(Object.keys(rules.servable(version).ruleSet.objectives)).toEqual(['PROBE'])
  const known = serving.objectives as Map<string, Objective>
  known.set('LAST', { ...known.get('PROBE')!, name: 'LAST' })
  rules.forgetChecks()
  expect(await rules.prepare(version)).toEqual([])
  expect(Object.keys(rules.servable(version).ruleSet.objectives)).toEqual(['PROBE', 'LAST'])
})

it('a version whose models are ready only after its time is prepared again then, but not if they are refused', async () => {
  const loads: { resolve(): void; reject(error: Error): void }[] = []
  const ensureLoaded = () => new Promise<void>((resolve, reject) => loads.push({ resolve, reject }))
  let readyLate = () => {}
  const isReady = new Promise<void>((resolve) => {
    readyLate = resolve
  })
  const late = jest.fn(() => readyLate())
  const { rules, version } = await prepared(
    { probe: ['main', 'far'] },
    {},
    { library: { ensureLoaded, wake: async () => {} }, timeoutMs: 1, readyLate: late },
  )
  const lateLine = ['not ready within 1 ms: probe@1']
  expect(await rules.prepare(version)).toEqual(lateLine)
  // What is ready already stays until all models are, or each preparation would have to load it again.
  expect(rules.loading()).toEqual([rules.ruleSetOf(version)])
  loads[0].reject(new LoadError(['probe@1 is not ready: it is broken']))
  expect(await rules.prepare(version)).toEqual(lateLine)
  expect(late).not.toHaveBeenCalled()
  loads[1].resolve()
  await isReady
  expect(late).toHaveBeenCalledTimes(1)
  await settle()
  expect(rules.loading()).toEqual([])
})

it('a version whose text is not a rule set is read once, and not for each model and at each look at the store', async () => {
  const { rules, version } = await prepared({})
  let reads = 0
  const later = {
    ...version,
    get text() {
      reads++
      return '{"objectives":{"PROBE":{"default":"probe@1","of a later release":true}}}'
    },
  }
  for (let model = 0; model < 3; model++) expect(rules.ruleSetOf(later)).toBeUndefined()
  for (let look = 0; look < 3; look++) expect(() => rules.servable(later)).toThrow('of a later release')
  expect(reads).toBe(1)
})
