import { OutputDistributions } from '../../../serving/distributions/outputDistributions'
import { Shadows } from '../../../serving/shadow/shadows'
import { FakeClock, settle } from '../../support/fakeClock'
import { createServices, type ServiceParts } from '../service'

/** What versions answer is counted while somebody looks, and not otherwise. */

const start = createServices()

const features = '{ x: { type: Int, range: [0, 99] } }'
const outputs = `{ y: { type: Float }, size: { type: enum, labels: [SMALL, LARGE] }, isEven: { type: Boolean },
  word: { type: String }, id: { type: ID }, list: { type: '[Float!]' } }`
const fields = ['y: Float', 'size: Size', 'isEven: Boolean', 'word: String', 'id: ID', 'list: [Float!]'].map(
  (field) => `${field} @predict(objective: "PROBE", output: "${field.split(':')[0]}")`,
)
const version = (key: string, plus: number) => ({
  ...{ key, features, outputs, serves: ['PROBE'] },
  make: {
    y: (_: object, y: number) => y + plus,
    size: (_: object, y: number) => (y > 25 ? 'LARGE' : 'SMALL'),
    isEven: (_: object, y: number) => (y / 10) % 2 === 0,
    word: (_: object, y: number) => `word ${y}`,
    id: (_: object, y: number) => String(y),
    list: (_: object, y: number) => [y],
  },
})
const constant = { y: -1, size: 'SMALL', isEven: false, word: '', id: '0', list: [] }
const member = { context: { member: '12' } }
const began = Date.UTC(2026, 0, 2)

async function things(xs: readonly number[], more: Partial<Omit<ServiceParts, 'clock'>> = {}) {
  const clock = new FakeClock()
  const service = await start({
    subgraphs: {
      own: {
        sdl: `enum Size { SMALL LARGE }
          type Query { things: [Thing!]! }
          type Thing {
            x: Int!
            ${fields.join(' ')}
          }`,
        resolvers: { Query: { things: () => xs.map((x) => ({ x })) } },
      },
    },
    objectives: { PROBE: `unit: context.member\ninputs: ${features}\noutputs: ${outputs}` },
    contextKeys: { member: 'string' },
    models: [version('probe@1', 0), version('probe@2', 200)],
    clock,
    ...more,
  })
  const { serving } = service
  const shadows = new Shadows(serving, { maxRows: 1000, deadlineMs: 50 })
  const distributions = new OutputDistributions({ serving, shadows, clock, wallClock: () => began })
  return {
    ...service,
    clock,
    distributions,
    ask: (fields: string) => service.query(`{ things { ${fields} } }`, {}, member),
    /** As many timers in a row are on time as a shadow waits for. */
    async quiet() {
      for (let probe = 0; probe < 4; probe++) {
        clock.advance(1)
        await settle()
      }
    },
  }
}

describe.each([
  ['by columns', false],
  ['row by row', true],
])('%s', (_, byRow) => {
  it('the counts are those of the answers', async () => {
    const { distributions, ask } = await things([1, 2, 3, 3], { byRow })
    expect(distributions.look()).toEqual([])
    await ask('y size isEven word id list')
    await ask('y')
    const found = distributions.look()
    expect(found.map(({ output, count }) => [output, count])).toEqual([
      ['y', 8],
      ['size', 4],
      ['isEven', 4],
      ['word', 4],
    ])
    const [numbers, size, isEven, word] = found
    expect(numbers).toMatchObject({
      objective: 'PROBE',
      model: 'probe@1',
      shadow: false,
      since: '2026-01-02T00:00:00.000Z',
      bounds: expect.arrayContaining([10, 20]),
    })
    const inBins = numbers.counts!.flatMap((count, bin) => (count > 0 ? [[numbers.bounds![bin], count]] : []))
    expect(inBins).toEqual([
      [10, 2],
      [20, 2],
      [30, 4],
    ])
    expect(size.values).toEqual([
      { value: 'LARGE', count: 2 },
      { value: 'SMALL', count: 2 },
    ])
    expect(isEven.values).toEqual([
      { value: 'false', count: 3 },
      { value: 'true', count: 1 },
    ])
    expect(word.values).toEqual([
      { value: 'word 30', count: 2 },
      { value: 'word 10', count: 1 },
      { value: 'word 20', count: 1 },
    ])
  })

  it('shadows are marked, and share the bounds of what clients got', async () => {
    const shadow = [{ model: 'probe@2', percent: 100, salt: 'a' }]
    const service = await things([1, 2], { byRow, moreRules: { PROBE: { shadow } } })
    const { distributions, ask, quiet } = service
    distributions.look()
    await ask('y')
    await quiet()
    const [own, its, ...more] = distributions.look('PROBE')
    expect(more).toEqual([])
    expect([own, its].map(({ model, shadow, count }) => [model, shadow, count])).toEqual([
      ['probe@1', false, 2],
      ['probe@2', true, 2],
    ])
    expect(its.bounds).toEqual(own.bounds)
    const spread = (counts: readonly number[]) => counts.flatMap((count, bin) => new Array(count).fill(bin))
    const binOf = (value: number) => own.bounds!.findIndex((bound) => bound > value) - 1
    expect(spread(own.counts!)).toEqual([binOf(10), binOf(20)])
    expect(spread(its.counts!)).toEqual([binOf(210), binOf(220)])
    expect(distributions.look(undefined, 'probe@2')).toEqual([its])
    expect(distributions.look('OTHER')).toEqual([])
  })

  it('rows without an answer do not count, and those of a fallback are its own', async () => {
    const service = await things([1, 120, 2], {
      byRow,
      moreRules: { PROBE: { fallback: [{ constant }] } },
    })
    const { distributions, serving, ask } = service
    distributions.look()
    const answer = await ask('y')
    expect(answer.errors).toHaveLength(1)
    expect(distributions.look().map(({ model, count }) => [model, count])).toEqual([['probe@1', 2]])
    const known = serving.registry.get('probe@1')!
    serving.registry.set({ ...known, state: { is: 'refused', reason: 'for the test' } })
    await ask('y')
    expect(distributions.look().map(({ model, count }) => [model, count])).toEqual([
      ['constant', 3],
      ['probe@1', 2],
    ])
  })
})

it('nothing is counted from 30 s after the last look on, and a later look begins anew', async () => {
  const { distributions, clock, ask } = await things([1])
  const counts = () => distributions.look().map(({ count }) => count)
  await ask('y')
  expect(counts()).toEqual([])
  clock.advance(29_999)
  await ask('y')
  expect(counts()).toEqual([1])
  clock.advance(29_999)
  await ask('y')
  expect(counts()).toEqual([2])
  clock.advance(30_000)
  await ask('y')
  expect(counts()).toEqual([])
  await ask('y')
  expect(counts()).toEqual([1])
  const { pending } = clock
  distributions.dispose()
  expect(clock.pending).toBe(pending - 1)
})

it('nothing listens to answers while nobody looks', async () => {
  const { serving, clock, distributions } = await things([1])
  const listeners = () => (serving.answered as unknown as { listeners: unknown[] }).listeners.length
  const before = listeners()
  distributions.look()
  expect(listeners()).toBe(before + 1)
  distributions.look()
  expect(listeners()).toBe(before + 1)
  clock.advance(30_000)
  expect(listeners()).toBe(before)
})

it('of text, the most frequent values have counts of their own', async () => {
  const { distributions, ask } = await things(Array.from({ length: 30 }, (_, n) => n + 1))
  distributions.look()
  await ask('word')
  const [{ values, count }] = distributions.look()
  expect(count).toBe(30)
  expect(values).toHaveLength(21)
  expect(values![20]).toEqual({ value: '(other)', count: 10 })
})
