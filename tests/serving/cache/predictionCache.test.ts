import type { ClientRequest } from '../../../lib/request/clientRequest'
import { Explain, type ExplainReport } from '../../../lib/request/explain'
import { Shadows } from '../../../serving/shadow/shadows'
import { FakeClock, settle } from '../../support/fakeClock'
import { createServices, type Service, type ServiceParts } from '../service'

/** Fields of an objective whose answers are kept: by columns and row by row alike. */

const start = createServices()

const features = '{ x: { type: Int, range: [0, 99] }, who: { type: String, nullable: true } }'
const outputs = '{ y: { type: Float }, seen: { type: String } }'
const version = (key: string, plus: number) => ({
  ...{ key, features, outputs, serves: ['PROBE', 'OTHER'] },
  make: { y: (_: object, y: number) => y + plus },
})
const contract = `unit: context.member\ninputs: ${features}\noutputs: ${outputs}`

function things(more: Partial<ServiceParts> = {}) {
  return start({
    subgraphs: {
      own: {
        sdl: `type Query { things(xs: [Int!]!): [Thing!]! }
          type Answer { y: Float seen: String }
          type Thing {
            x: Int!
            y: Float @predict(objective: "PROBE", inputs: ["who: context.member"], output: "y")
            whole: Answer @predict(objective: "PROBE", inputs: ["who: context.member"])
            other: Float @predict(objective: "OTHER", inputs: ["who: context.member"], output: "y")
            pinned: Float @predict(model: "probe@1", inputs: ["who: context.member"], output: "y")
          }`,
        resolvers: {
          Query: { things: (_: unknown, { xs }: { xs: number[] }) => xs.map((x: number) => ({ x })) },
        },
      },
    },
    contextKeys: { member: 'string' },
    objectives: { PROBE: `${contract}\ncache: { ttl: 60s }`, OTHER: contract },
    models: [version('probe@1', 0), version('probe@2', 2)],
    ...more,
  })
}

const keysAsked = ({ batches }: Service) =>
  batches.map(({ key, rows }) => `${key}: ${rows.map(({ x }) => x)}`)
const counts = ({ metrics }: Service) =>
  ['hits', 'misses', 'shared', 'bypassed'].map((kind) => metrics.read(`presage_cache_${kind}_total`))
const member = (name: string): Partial<ClientRequest> => ({ context: { member: name } })

describe.each([
  ['by columns', false],
  ['row by row', true],
])('%s', (_, byRow) => {
  const ys = async (service: Service, xs: string, request?: Partial<ClientRequest>, field = 'y') => {
    const { data } = await service.query(`{ things(xs: [${xs}]) { ${field} } }`, {}, request)
    return (data!.things as Record<string, unknown>[]).map((thing) => thing[field])
  }

  it('a request is answered with what others had made, and the model runs for the rest', async () => {
    const service = await things({ byRow })
    expect(await ys(service, '1, 2')).toEqual([10, 20])
    expect(await ys(service, '3, 2, 1, 3')).toEqual([30, 20, 10, 30])
    expect(keysAsked(service)).toEqual(['probe@1: 1,2', 'probe@1: 3'])
    // Equal rows of one request are one row before the cache is asked.
    expect(counts(service)).toEqual([2, 3, 0, 0])
    expect(service.metrics.bySeries('presage_cache_hits_total')).toEqual({
      'objective=PROBE model=probe@1': 2,
    })
    expect(service.metrics.read('presage_inference_count_total')).toBe(3)
  })

  it('an input from the context is one of the inputs', async () => {
    const service = await things({ byRow })
    await ys(service, '1', member('ann'))
    await ys(service, '1', member('ben'))
    await ys(service, '1', member('ann'))
    expect(service.batches.map(({ rows }) => rows[0].who)).toEqual(['ann', 'ben'])
  })

  it('a field that wants another output is answered of what is kept', async () => {
    const service = await things({ byRow })
    await ys(service, '1')
    const { data } = await service.query('{ things(xs: [1]) { whole { seen y } } }')
    expect(data!.things).toEqual([{ whole: { seen: '{"x":1,"who":null}', y: 10 } }])
    expect(service.batches.length).toBe(1)
  })

  it('an objective that does not say so, and a pinned model, are asked each time', async () => {
    const service = await things({ byRow })
    await ys(service, '1')
    for (const field of ['other', 'pinned'])
      for (let turn = 0; turn < 2; turn++) await ys(service, '1', {}, field)
    expect(service.batches.length).toBe(5)
    expect(counts(service)).toEqual([0, 1, 0, 0])
  })

  it('who answers is decided for each request, and each version has its own answers', async () => {
    const service = await things({ byRow })
    const overrides = new Map([['PROBE', 'probe@2']])
    expect(await ys(service, '1')).toEqual([10])
    expect(await ys(service, '1', { overrides })).toEqual([12])
    expect(await ys(service, '1')).toEqual([10])
    expect(await ys(service, '1', { overrides })).toEqual([12])
    expect(keysAsked(service)).toEqual(['probe@1: 1', 'probe@2: 1'])
  })

  it('what a fallback answered is not taken for the answer of who was chosen', async () => {
    const service = await things({ byRow, moreRules: { PROBE: { fallback: ['probe@2'] } } })
    const { registry } = service.serving
    const chosen = registry.get('probe@1')!
    registry.set({ ...chosen, state: { is: 'refused', reason: 'for the test' } })
    expect(await ys(service, '1')).toEqual([12])
    registry.set(chosen)
    expect(await ys(service, '1')).toEqual([10])
    registry.set({ ...chosen, state: { is: 'refused', reason: 'for the test' } })
    expect(await ys(service, '1')).toEqual([12])
    expect(keysAsked(service)).toEqual(['probe@2: 1', 'probe@1: 1'])
  })

  it('a shadow neither reads nor keeps', async () => {
    const clock = new FakeClock()
    const shadow = [{ model: 'probe@2', percent: 100, salt: 'a' }]
    const service = await things({ byRow, clock, moreRules: { PROBE: { shadow } } })
    const shadows = new Shadows(service.serving, { maxRows: 100, deadlineMs: 50 })
    for (let turn = 0; turn < 2; turn++) {
      await ys(service, '1', member('ann'))
      for (let probe = 0; probe < 4; probe++) {
        clock.advance(1)
        await settle()
      }
    }
    expect(keysAsked(service)).toEqual(['probe@1: 1', 'probe@2: 1', 'probe@2: 1'])
    await ys(service, '1', { ...member('ann'), overrides: new Map([['PROBE', 'probe@2']]) })
    expect(keysAsked(service).slice(3)).toEqual(['probe@2: 1'])
    await shadows.dispose()
    expect(service.metrics.bySeries('presage_cache_misses_total')).toEqual({
      'objective=PROBE model=probe@1': 1,
      'objective=PROBE model=probe@2': 1,
    })
  })

  it('a request that passes it by has all made, and leaves nothing', async () => {
    const service = await things({ byRow })
    await ys(service, '1', { bypassesCache: true })
    await ys(service, '1')
    await ys(service, '1', { bypassesCache: true })
    await ys(service, '1')
    expect(keysAsked(service)).toEqual(['probe@1: 1', 'probe@1: 1', 'probe@1: 1'])
    expect(counts(service)).toEqual([1, 1, 0, 2])
  })

  it('the explanation says of each row how it came to its answer', async () => {
    const service = await things({ byRow })
    const explained = async (xs: string, more: Partial<ClientRequest> = {}) => {
      const asked = { explain: new Explain(), ...more }
      const { extensions } = await service.query(`{ things(xs: [${xs}]) { y } }`, {}, asked)
      return (extensions!.presage as ExplainReport).predictions.map(({ path, cache, worker, batchRows }) => ({
        path,
        cache,
        worker,
        batchRows,
      }))
    }
    const made = { batchRows: 1 }
    const [first] = await explained('1')
    expect(first).toMatchObject({ path: 'things.0.y', cache: 'miss', batchRows: 1 })
    expect(first.worker).toEqual(expect.any(String))
    const { worker } = first
    expect(await explained('2, 1')).toEqual([
      { path: 'things.0.y', cache: 'miss', ...made, worker },
      { path: 'things.1.y', cache: 'hit' },
    ])
    expect(await explained('1', { bypassesCache: true })).toEqual([
      { path: 'things.0.y', cache: 'bypass', ...made, worker },
    ])
    const both = await Promise.all([explained('5'), explained('5')])
    expect(both.map(([{ cache }]) => cache)).toEqual(['miss', 'shared'])
  })
})

it('a version that another process has with other files has other keys', async () => {
  const keys: string[][] = []
  const cacheStore = {
    read: (asked: readonly string[]) => {
      keys.push([...asked])
      return asked.map(() => undefined)
    },
    write: () => {},
    dispose: async () => {},
  }
  for (const serves of [['PROBE'], ['PROBE'], ['PROBE', 'OTHER']]) {
    const service = await things({ cacheStore, models: [{ ...version('probe@1', 0), serves }] })
    await service.query('{ things(xs: [1]) { y } }')
  }
  expect(keys[1]).toEqual(keys[0])
  expect(keys[2]).not.toEqual(keys[0])
})

it('a client that goes while another waits for the same row does not take it along', async () => {
  const service = await things()
  const controller = new AbortController()
  const text = '{ things(xs: [1]) { y } }'
  const first = service.query(text, {}, { signal: controller.signal })
  const second = service.query(text)
  controller.abort()
  await first
  expect((await second).data!.things).toEqual([{ y: 10 }])
})
