import { PresageError } from '../../../lib/errors'
import type { ClientRequest } from '../../../lib/request/clientRequest'
import { Explain, type ExplainReport } from '../../../lib/request/explain'
import type { Limits } from '../../../routing/ruleSet/ruleSet'
import { places } from '../../gateway/federate'
import { FakeClock, settle } from '../../support/fakeClock'
import { heldWorkers } from '../../support/heldWorker'
import { createServices, type ServiceParts } from '../service'

/** Of whom the limits of rules are counted, and what a refused row costs: by columns and row by row alike. */

const start = createServices()

const features = '{ x: { type: Int, range: [0, 99] } }'
const outputs = '{ y: { type: Float } }'

/** `x` is counted as often as it is read. */
async function things(limits: Limits, more: Partial<ServiceParts> = {}) {
  const reads: number[] = []
  const failing = new Set<number>()
  const hanging = new Set<number>()
  const service = await start({
    subgraphs: {
      own: {
        sdl: `type Query { things(count: Int!): [Thing!]! }
          type Thing { x: Int! y: Float @predict(objective: "PROBE") }`,
        resolvers: {
          Query: {
            things: (_: unknown, { count }: { count: number }) =>
              Array.from({ length: count }, (_, x) => ({ n: x })),
          },
          Thing: {
            x: ({ n }: { n: number }) => {
              reads.push(n)
              if (hanging.has(n)) return new Promise(() => {})
              if (failing.has(n)) throw new PresageError('UPSTREAM_FAILED', 'for the test')
              return n
            },
          },
        },
      },
    },
    objectives: { PROBE: `inputs: ${features}\noutputs: ${outputs}` },
    models: [
      { key: 'probe@1', features, outputs, serves: ['PROBE'], make: { y: (_: object, y: number) => y } },
    ],
    moreRules: { PROBE: { limits } },
    clock: new FakeClock(),
    ...more,
  })
  const ask = (count: number, request: Partial<ClientRequest> = {}) =>
    service.query(`{ things(count: ${count}) { y } }`, {}, request)
  const answered = async (count: number, request?: Partial<ClientRequest>) =>
    ((await ask(count, request)).data!.things as { y: number | null }[]).filter(({ y }) => y !== null).length
  return { service, reads, failing, hanging, ask, answered }
}

describe.each([
  ['by columns', false],
  ['row by row', true],
])('%s', (_, byRow) => {
  it('a tenant has its own rows, whoever asks for it and from wherever', async () => {
    const { answered } = await things({ perSecond: 10, per: 'tenant' }, { byRow })
    const of = (tenant: string, subject: string) => ({ context: { tenant }, subject, address: '192.0.2.1' })
    expect(await answered(8, of('acme', 'ann'))).toBe(8)
    expect(await answered(8, of('acme', 'bob'))).toBe(2)
    expect(await answered(8, of('other', 'ann'))).toBe(8)
  })

  it('where the token names no tenant, each client is one', async () => {
    const { answered } = await things({ perSecond: 10, per: 'tenant' }, { byRow })
    expect(await answered(8, { subject: 'ann' })).toBe(8)
    expect(await answered(8, { subject: 'bob' })).toBe(8)
    expect(await answered(8, { context: { tenant: 'token ann' } })).toBe(8)
    expect(await answered(8, { subject: 'ann' })).toBe(2)
  })

  it('a client is the subject of its token, else its address', async () => {
    const { answered } = await things({ perSecond: 10, per: 'client' }, { byRow })
    expect(await answered(8, { subject: 'ann', address: '192.0.2.1' })).toBe(8)
    expect(await answered(8, { subject: 'ann', address: '192.0.2.2' })).toBe(2)
    expect(await answered(8, { address: '192.0.2.1' })).toBe(8)
    expect(await answered(8, { address: '192.0.2.1' })).toBe(2)
    expect(await answered(8, { address: '192.0.2.2' })).toBe(8)
  })

  it('unless rules say of whom, all clients and tenants have one share', async () => {
    const { answered } = await things({ perSecond: 10 }, { byRow })
    expect(await answered(8, { subject: 'ann', context: { tenant: 'acme' } })).toBe(8)
    expect(await answered(8, { subject: 'bob', context: { tenant: 'other' } })).toBe(2)
  })

  it('requests at once are counted by tenant too, and a slot is free again when its request is over', async () => {
    const { start: startWorker, workers } = heldWorkers()
    const { ask, answered } = await things({ concurrency: 1, per: 'tenant' }, { byRow, start: startWorker })
    const acme = { context: { tenant: 'acme' } }
    const first = answered(2, acme)
    await settle()
    const second = await ask(2, acme)
    expect(places(second)).toEqual(['things.0.y: OVERLOADED', 'things.1.y: OVERLOADED'])
    const third = answered(2, { context: { tenant: 'other' } })
    await settle()
    workers[0].last.answer()
    await settle()
    workers[0].last.answer()
    expect([await first, await third]).toEqual([2, 2])
    const fourth = answered(2, acme)
    await settle()
    workers[0].last.answer()
    expect(await fourth).toBe(2)
  })

  it('a request that is refused whole counts as decided', async () => {
    const { answered, service } = await things({ perSecond: 2 }, { byRow })
    expect(await answered(2)).toBe(2)
    expect(await answered(2)).toBe(0)
    expect(service.metrics.read('presage_routing_decisions_total')).toBe(2)
  })

  it('the error names the limit, of whom it is, and how much that is', async () => {
    const { ask } = await things({ perSecond: 1, per: 'tenant' }, { byRow })
    const { errors = [] } = await ask(2)
    expect(errors.map((error) => ({ ...error }))).toEqual([
      {
        message: "PROBE: the rules' limit of rows a second of one tenant is reached (1)",
        path: ['things', 1, 'y'],
        locations: [{ line: 1, column: 22 }],
        extensions: {
          code: 'OVERLOADED',
          objective: 'PROBE',
          limit: 'perSecond',
          per: 'tenant',
          maximum: 1,
          retryAfterMs: 1000,
        },
      },
    ])
  })

  it('the error says when as many rows may be asked for again', async () => {
    const timed = async (perSecond: number, rows: number) => {
      const clock = new FakeClock()
      const { ask } = await things({ perSecond }, { byRow, clock })
      const { errors = [] } = await ask(rows + 1)
      const { retryAfterMs } = errors[0].extensions as { retryAfterMs: number }
      clock.advance(retryAfterMs - 1)
      const early = await ask(rows)
      clock.advance(retryAfterMs)
      return [retryAfterMs, early.errors?.length, (await ask(rows)).errors]
    }
    expect(await timed(3, 3)).toEqual([1000, 1, undefined])
    expect(await timed(0.4, 1)).toEqual([2500, 1, undefined])
  })

  it('who asks why is told the decision of refused rows too', async () => {
    const { ask } = await things({ perSecond: 1 }, { byRow })
    const { extensions } = await ask(3, { explain: new Explain() })
    const { predictions } = (extensions as { presage: ExplainReport }).presage
    expect(predictions.map(({ path, rows, model, error }) => [path, rows, model, error])).toEqual([
      ['things.0.y', 1, 'probe@1', undefined],
      ['things.*.y', 2, 'probe@1', 'OVERLOADED'],
    ])
  })

  it('the same rows are read and answered whether or not somebody asks why', async () => {
    const ask = async (request: Partial<ClientRequest>, fallback?: readonly string[]) => {
      const rules = { limits: { perSecond: 3 }, ...(fallback && { fallback }) }
      const { service, failing, reads } = await things({}, { byRow, moreRules: { PROBE: rules } })
      for (const n of [0, 2, 4]) failing.add(n)
      const answer = await service.query('{ things(count: 6) { y } }', {}, request)
      expect(service.batches.flatMap(({ rows }) => rows.map(({ x }) => x))).toEqual([1])
      return [
        places(answer)
          .sort()
          .map((place) => place.slice('things.'.length)),
        reads,
      ]
    }
    const lost = ['0.y: UPSTREAM_FAILED', '2.y: UPSTREAM_FAILED']
    const expected = [[...lost, '3.y: OVERLOADED', '4.y: OVERLOADED', '5.y: OVERLOADED'].sort(), [0, 1, 2]]
    expect(await ask({})).toEqual(expected)
    expect(await ask({ explain: new Explain() })).toEqual(expected)
    // A fallback may answer rows beyond the limit, so they are read.
    const read = [...lost, '3.y: OVERLOADED', '4.y: UPSTREAM_FAILED', '5.y: OVERLOADED'].sort()
    expect(await ask({}, ['probe@9'])).toEqual([read, [0, 1, 2, 3, 4, 5]])
  })

  it('refused rows are counted as failures, and their decision once', async () => {
    const { service, ask, failing } = await things({ perSecond: 1 }, { byRow })
    failing.add(0)
    await ask(3)
    expect(service.metrics.bySeries('presage_prediction_failures_total')).toEqual({
      'asked=PROBE code=UPSTREAM_FAILED': 1,
      'asked=PROBE code=OVERLOADED': 2,
    })
    expect(service.metrics.read('presage_routing_decisions_total')).toBe(1)
  })

  it('refused rows are no failures of the version, also where no fallback could answer them', async () => {
    const rules = { limits: { perSecond: 1 }, fallback: ['probe@9'] }
    const { service, ask } = await things({}, { byRow, moreRules: { PROBE: rules } })
    expect(places(await ask(2))).toEqual(['things.1.y: OVERLOADED'])
    expect(service.metrics.bySeries('presage_version_failures_total')).toEqual({})
  })
})

it('of rows that are refused no input is read', async () => {
  const { reads, answered } = await things({ perSecond: 2 })
  expect(await answered(100)).toBe(2)
  expect(reads).toEqual([0, 1])
  expect(await answered(100)).toBe(0)
  expect(reads).toEqual([0, 1])
})

it('nor of those beyond what a request may have', async () => {
  const { reads, ask } = await things({ perSecond: 1000 }, { maxRows: 3 })
  const answer = await ask(5)
  expect(places(answer)).toEqual(['things.3.y: TOO_MANY_ROWS', 'things.4.y: TOO_MANY_ROWS'])
  expect(reads).toEqual([0, 1, 2])
})

it('each row beyond has the limit that it met first', async () => {
  const { ask } = await things({ perSecond: 2 }, { maxRows: 3 })
  const answer = await ask(5)
  expect(places(answer)).toEqual([
    'things.2.y: OVERLOADED',
    'things.3.y: TOO_MANY_ROWS',
    'things.4.y: TOO_MANY_ROWS',
  ])
})

it('where versions are chosen row by row, the first rows are answered, whichever versions answer them', async () => {
  const odd = { name: 'odd', when: { 'input.x': { in: [1, 3, 5] } }, use: 'probe@1' }
  const { ask } = await things(
    { perSecond: 3 },
    { moreRules: { PROBE: { limits: { perSecond: 3 }, rules: [odd] } } },
  )
  expect(places(await ask(6))).toEqual([
    'things.3.y: OVERLOADED',
    'things.4.y: OVERLOADED',
    'things.5.y: OVERLOADED',
  ])
})

it('a request whose rows are all refused takes no slot of those at once', async () => {
  const { start: startWorker, workers } = heldWorkers()
  const { answered } = await things({ perSecond: 2, concurrency: 1 }, { start: startWorker })
  const first = answered(2)
  await settle()
  workers[0].last.answer()
  expect(await first).toBe(2)
  expect(await answered(2)).toBe(0)
  expect(await answered(2)).toBe(0)
})

it('a field without any row within what a request may have takes no slot', async () => {
  const { service, answered } = await things({ concurrency: 1 }, { maxRows: 2 })
  const answer = await service.query('{ a: things(count: 2) { y } b: things(count: 1) { y } }')
  expect(places(answer)).toEqual(['b.0.y: TOO_MANY_ROWS'])
  expect(await answered(2)).toBe(2)
})

it('a slot is given back also where no input could be read', async () => {
  const { ask, answered, failing } = await things({ concurrency: 1 })
  failing.add(0)
  expect(places(await ask(1))).toEqual(['things.0.y: UPSTREAM_FAILED'])
  failing.clear()
  expect(await answered(1)).toBe(1)
})

it('a slot is given back at the latest when the answer is due, also if an input never comes', async () => {
  const clock = new FakeClock()
  const { ask, answered, hanging } = await things({ concurrency: 1 }, { clock })
  hanging.add(0)
  void ask(1)
  await settle()
  hanging.clear()
  expect(await answered(1)).toBe(0)
  clock.advance(10_000)
  expect(await answered(1)).toBe(1)
})
