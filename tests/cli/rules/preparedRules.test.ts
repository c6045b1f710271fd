import { PreparedRules } from '../../../cli/rules/preparedRules'
import { sha256Of } from '../../../routing/store/ruleSetVersion'
import { createServices } from '../../serving/service'

const start = createServices()

/** Version 1 of rules, for a deployment where a field asks for probe@1 on another shard than `main`. */
async function prepared(placement: object | undefined) {
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
  })
  const text = JSON.stringify({ objectives: { PROBE: { default: 'probe@1' } }, placement })
  return { rules, version: { number: 1, sha256: sha256Of(text), author: '', time: '', message: '', text } }
}

it.each([undefined, {}, { '*': 'main' }, { probe: 'main' }, { '*': 'main', other: 'main' }])(
  'rules that do not place a version where a field asks for it are served, with fallbacks: placement %j',
  async (placement) => {
    const { rules, version } = await prepared(placement)
    expect(rules.servable(version).number).toBe(1)
  },
)
