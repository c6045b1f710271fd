import { places } from '../../gateway/federate'
import { heldWorkers } from '../../support/heldWorker'
import { createServices } from '../service'

const start = createServices()

const outputs = '{ seen: { type: String } }'
const versions = [
  { key: 'pin@1', features: '{ a: { type: Int }, b: { type: String } }', outputs },
  { key: 'pin@9', features: '{ b: { type: String }, a: { type: Int } }', outputs },
  {
    key: 'pin@10',
    features: '{ c: { type: Int, default: 7 }, a: { type: Int }, b: { type: String } }',
    outputs,
  },
]
const pinning = (model: string, more = '') => ({
  own: {
    sdl: `type Query { seen(a: Int!, b: String!, c: Int): String @predict(model: "${model}"${more}) }`,
  },
})
const ask = '{ seen(a: 1, b: "x", c: 3) }'

it('a model without version is answered by its newest ready one, whatever the order of its features', async () => {
  const { query, serving } = await start({ subgraphs: pinning('pin'), models: versions })
  const refuse = (key: string) => {
    const status = serving.registry.get(key)!
    serving.registry.set({ ...status, state: { is: 'refused', reason: 'for the test' } })
  }
  expect((await query(ask)).data).toEqual({ seen: '{"c":3,"a":1,"b":"x"}' })
  refuse('pin@10')
  expect((await query(ask)).data).toEqual({ seen: '{"b":"x","a":1}' })
  refuse('pin@9')
  expect((await query(ask)).data).toEqual({ seen: '{"a":1,"b":"x"}' })
  refuse('pin@1')
  const answer = await query(ask)
  expect(places(answer)).toEqual(['seen: MODEL_NOT_READY'])
  expect(answer.errors![0].message).toBe('pin@10 is not ready: it is not fit to serve')
})

it('a version is answered by that one alone', async () => {
  const { query, serving, plan } = await start({ subgraphs: pinning('pin@9'), models: versions })
  expect(plan.report).toContain('Query.seen pins pin@9, so rules do not apply to it')
  expect((await query(ask)).data).toEqual({ seen: '{"b":"x","a":1}' })
  const { key, name, version, shards } = serving.registry.get('pin@9')!
  serving.registry.set({ key, name, version, shards, state: { is: 'loading' } })
  const answer = await query(ask)
  expect(places(answer)).toEqual(['seen: MODEL_NOT_READY'])
  expect(answer.errors![0].message).toBe('pin@9 is not ready: it is still loading')
})

it("the features' own limits and defaults hold, and failures are counted under the model", async () => {
  const { query, metrics } = await start({
    subgraphs: pinning('pin@1'),
    models: [{ ...versions[0], features: '{ a: { type: Int, range: [1, 5] }, b: { type: String } }' }],
  })
  const answer = await query('{ good: seen(a: 5, b: "x") bad: seen(a: 6, b: "x") }')
  expect(answer.data).toEqual({ good: '{"a":5,"b":"x"}', bad: null })
  expect(places(answer)).toEqual(['bad: BAD_FEATURE'])
  expect(metrics.read('presage_prediction_failures_total')).toBe(1)
})

it('fields that pin one version share its batch', async () => {
  const field = (name: string) => `${name}(a: Int!, b: String!): String @predict(model: "pin@1")`
  const { query, batches } = await start({
    subgraphs: { own: { sdl: `type Query { ${field('one')} ${field('two')} }` } },
    models: versions,
  })
  await query('{ one(a: 1, b: "x") two(a: 2, b: "y") same: two(a: 1, b: "x") }')
  expect(batches.map(({ rows }) => rows)).toEqual([
    [
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ],
  ])
})

it.each([
  ['objective: "PROBE"', 'a'],
  ['objective: "PROBE", shard: "b"', 'b'],
  ['model: "pin@1"', 'a'],
  ['model: "pin@1", shard: "b"', 'b'],
])('@predict(%s) asks shard %s', async (target, expected) => {
  const { start: startWorker, workers } = heldWorkers()
  const { query } = await start({
    subgraphs: { own: { sdl: `type Query { seen(a: Int!, b: String!): String @predict(${target}) }` } },
    objectives: { PROBE: `inputs: ${versions[0].features}\noutputs: ${outputs}` },
    models: versions,
    rules: { PROBE: 'pin@1' },
    shards: ['a', 'b'],
    placement: { pin: ['a', 'b'] },
    start: async (id) => {
      const worker = await startWorker(id)
      const { infer } = worker
      worker.infer = (key, tensors) => {
        const answer = infer.call(worker, key, tensors)
        worker.last.answer()
        return answer
      }
      return worker
    },
  })
  expect((await query('{ seen(a: 1, b: "x") }')).errors).toBeUndefined()
  expect(workers.filter(({ calls }) => calls.length > 0).map(({ id }) => id)).toEqual([`${expected}-1`])
})
