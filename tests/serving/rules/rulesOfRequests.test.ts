import { createEnvelopeHeaders } from '../../../gateway/remote/envelopeHeaders'
import { createClientRequest } from '../../../lib/request/clientRequest'
import { envelopeHeader, openEnvelope } from '../../../lib/request/envelope'
import { parseRuleSet } from '../../../routing/parse/parseRuleSet'
import type { AnsweredRows } from '../../../serving/requests/answered'
import type { PredictionRuntime } from '../../../serving/requests/predictionRuntime'
import {
  type ActiveRules,
  compileRules,
  createRuleBook,
  isSkewed,
  rulesOf,
} from '../../../serving/rules/ruleBook'
import { settle } from '../../support/fakeClock'
import { createServices, type ServiceParts } from '../service'

/** Requests and the versions of the rules that decide them. */

const start = createServices()

const features = '{ x: { type: Int } }'
const outputs = '{ y: { type: Float } }'
const models = [1, 2, 3, 4].map((number) => ({
  ...{ key: `probe@${number}`, features, outputs, serves: number === 3 ? [] : ['PROBE'] },
  make: { y: (_: object, y: number) => y + number },
}))

function things(xs: readonly number[], more: Partial<ServiceParts> = {}) {
  return start({
    subgraphs: {
      own: {
        sdl: `type Query { things: [Thing!]! later: [Thing!]! }
          type Thing { x: Int! y: Float @predict(objective: "PROBE") }`,
        resolvers: {
          Query: {
            things: () => xs.map((x) => ({ x })),
            later: () => settle().then(() => xs.map((x) => ({ x }))),
          },
        },
      },
    },
    objectives: { PROBE: `unit: context.member\ninputs: ${features}\noutputs: ${outputs}` },
    models,
    contextKeys: { member: 'string', country: 'string' },
    ...more,
  })
}

/** Rules by which one version answers everything. */
function answering(serving: PredictionRuntime, number: number, model: string): ActiveRules {
  const text = JSON.stringify({ objectives: { PROBE: { default: model } } })
  const ruleSet = parseRuleSet(text, 'rules.yaml')
  return compileRules({ number, sha256: '', ruleSet }, serving.objectives, serving.registry)
}

const values = (answer: { data?: Record<string, unknown> | null }, field = 'things') =>
  (answer.data![field] as { y: unknown }[]).map(({ y }) => y)

describe('a rule book', () => {
  const rules = (number: number, sha256 = `${number}abc`) => ({ number, sha256 }) as ActiveRules

  it('keeps the last sixteen versions that were active, whichever was made first', () => {
    const book = createRuleBook(rules(1))
    for (let number = 2; number <= 16; number++) book.activate(rules(number))
    book.activate(rules(1))
    book.activate(rules(17))
    expect(book.current().number).toBe(17)
    expect([1, 2, 3, 17].map((number) => book.at(number)?.number)).toEqual([1, undefined, 3, 17])
  })

  it('keeps the last sixteen that are prepared beside those, and none of them is active', () => {
    const book = createRuleBook(rules(1))
    for (let number = 2; number <= 18; number++) book.prepared(rules(number))
    expect(book.current().number).toBe(1)
    expect([1, 2, 3, 18].map((number) => book.at(number)?.number)).toEqual([1, undefined, 3, 18])
  })

  it('knows a version by its hash too, where one is named', () => {
    const book = createRuleBook(rules(1))
    book.prepared(rules(1, 'of another store'))
    expect(book.at(1, '1ab')).toBe(book.current())
    expect(book.at(1, 'of another')?.sha256).toBe('of another store')
    expect(book.at(1, '1b')).toBeUndefined()
  })

  it('has only the active one while the process is held', () => {
    const book = createRuleBook(rules(1))
    book.prepared(rules(2))
    book.hold(true)
    expect([1, 2].map((number) => book.at(number)?.number)).toEqual([1, undefined])
    book.hold(false)
    expect(book.at(2)?.number).toBe(2)
  })
})

describe.each([
  ['by columns', false],
  ['row by row', true],
])('%s', (_, byRow) => {
  it('a request sees one version of the rules from its first decision to its last', async () => {
    const { query, serving } = await things([1], { byRow })
    const answer = query('{ things { y } later { y } }')
    // It is decided in the first turn; the later rows come when another version is active.
    await new Promise((resolve) => setImmediate(resolve))
    serving.rules.activate(answering(serving, 2, 'probe@2'))
    const seen = await answer
    expect([values(seen), values(seen, 'later')]).toEqual([[11], [11]])
    expect(values(await query('{ things { y } }'))).toEqual([12])
  })

  it('an envelope’s version decides if it is known, and else the active one, which is counted', async () => {
    const { query, serving, metrics } = await things([1], { byRow })
    serving.rules.activate(answering(serving, 2, 'probe@2'))
    expect(values(await query('{ things { y } }', {}, { ruleSet: 1 }))).toEqual([11])
    expect(metrics.read('presage_rule_set_skew_total')).toBe(0)
    expect(values(await query('{ things { y } later { y } }', {}, { ruleSet: 7 }))).toEqual([12])
    expect(metrics.read('presage_rule_set_skew_total')).toBe(1)
  })

  it('an envelope’s version decides if it is prepared and not active yet, and not if its text is another', async () => {
    const { query, serving, metrics } = await things([1], { byRow })
    serving.rules.prepared({ ...answering(serving, 2, 'probe@2'), sha256: 'abcd' })
    expect(values(await query('{ things { y } }', {}, { ruleSet: 2, ruleSetHash: 'abc' }))).toEqual([12])
    expect(values(await query('{ things { y } }'))).toEqual([11])
    expect(metrics.read('presage_rule_set_skew_total')).toBe(0)
    expect(values(await query('{ things { y } }', {}, { ruleSet: 2, ruleSetHash: 'b' }))).toEqual([11])
    expect(metrics.read('presage_rule_set_skew_total')).toBe(1)
  })

  it('an override goes before rules, to a version that is ready and serves the objective', async () => {
    const { query, serving, metrics } = await things([1], { byRow })
    const asking = async (model: string) => {
      return values(await query('{ things { y } }', {}, { overrides: new Map([['PROBE', model]]) }))
    }
    expect(await asking('probe@4')).toEqual([14])
    expect(await asking('probe@3')).toEqual([11]) // serves nothing
    expect(await asking('probe@9')).toEqual([11])
    serving.registry.set({ ...serving.registry.get('probe@4')!, state: { is: 'loading' } })
    expect(await asking('probe@4')).toEqual([11])
    expect(metrics.bySeries('presage_routing_decisions_total')).toEqual({
      'objective=PROBE model=probe@4 reason=override': 1,
      'objective=PROBE model=probe@1 reason=default': 3,
    })
  })

  it('decisions are counted once a request by what decided, and those without a unit apart', async () => {
    const { query, metrics } = await things([1, 2], {
      byRow,
      moreRules: {
        PROBE: {
          rules: [
            { name: 'dach', when: { country: { in: ['DE', 'AT'] } }, use: 'probe@2' },
            { name: 'test', when: { country: 'PT' }, use: { experiment: 'halves' } },
          ],
        },
      },
      experiments: { halves: { salt: 'halves-1', cells: [{ name: 'all', percent: 100, use: 'probe@4' }] } },
    })
    const ask = (context: Record<string, string>) =>
      query('{ things { y } again: things { y } }', {}, { context })
    await ask({ country: 'DE' })
    await ask({ country: 'PT', member: '1' })
    await ask({ country: 'PT', member: '2' })
    await ask({ country: 'PT' })
    expect(metrics.bySeries('presage_routing_decisions_total')).toEqual({
      'objective=PROBE model=probe@2 reason=rule rule=dach': 1,
      'objective=PROBE model=probe@4 reason=experiment rule=test cell=all': 2,
      'objective=PROBE model=probe@1 reason=default': 1,
    })
    expect(metrics.bySeries('presage_routing_no_unit_total')).toEqual({ 'objective=PROBE': 1 })
  })

  it('rows that rules tell apart go their ways, are counted as rows, and keep each its own bucket', async () => {
    const service = await things([1, 2, 3, 4, 5], {
      byRow,
      moreRules: {
        PROBE: {
          rules: [{ name: 'small', when: { 'input.x': { lt: 3 } }, use: 'probe@2' }],
          canary: { of: 'probe@1', to: 'probe@4', percent: 50, salt: 'c', unit: 'input.x' },
          fallback: [{ constant: { y: -1 } }],
        },
      },
    })
    const told: AnsweredRows[] = []
    service.serving.answered.event((rows) => told.push(rows))
    const seen = values(await service.query('{ things { y } }')) as number[]
    expect(seen.slice(0, 2)).toEqual([12, 22])
    const canary = seen.slice(2).filter((y) => y % 10 === 4).length
    expect(canary).toBeGreaterThan(0)
    expect(canary).toBeLessThan(3)
    expect(service.metrics.bySeries('presage_routing_decisions_total')).toEqual({
      'objective=PROBE model=probe@2 reason=rule rule=small': 2,
      'objective=PROBE model=probe@4 reason=canary': canary,
      'objective=PROBE model=probe@1 reason=default': 3 - canary,
    })
    for (const { decisions, decision, inputs, rows } of told) {
      expect(decisions).toHaveLength(rows)
      expect(inputs[0]).toHaveLength(rows)
      expect(new Set(decisions!.map(({ model }) => model))).toEqual(new Set([decision.model]))
    }
    const buckets = told.flatMap(({ decisions }) => decisions!.flatMap(({ bucket }) => bucket ?? []))
    expect(new Set(buckets).size).toBe(3)
  })
})

test('a process with rules names in its envelope the version that decides the request, and the overrides', async () => {
  const { serving } = await things([1])
  serving.rules.activate(answering(serving, 5, 'probe@2'))
  const key = 'of this deployment'
  const headers = createEnvelopeHeaders({
    key,
    origin: 'here',
    isOpen: false,
    ruleSetOf: (request) => rulesOf(request, serving),
  })
  const request = createClientRequest({
    id: '1',
    deadline: 1e12,
    overrides: new Map([['PROBE', 'probe@4']]),
  })
  expect(rulesOf(request, serving).number).toBe(5)
  serving.rules.activate(answering(serving, 6, 'probe@3'))
  const opened = openEnvelope(headers(request)[envelopeHeader], [key], Date.now())
  expect(opened).toMatchObject({
    is: 'valid',
    envelope: { ruleSet: 5, overrides: { PROBE: 'probe@4' } },
  })
})

test('a request is skewed where it names another number, or another text of that number, than decides it', async () => {
  const { serving } = await things([1])
  const rules = { ...answering(serving, 5, 'probe@2'), sha256: 'abcd' }
  const request = (named: object) => createClientRequest({ id: '1', deadline: 1, ...named })
  expect(isSkewed(request({}), rules)).toBe(false)
  expect(isSkewed(request({ ruleSet: 5 }), rules)).toBe(false)
  expect(isSkewed(request({ ruleSet: 5, ruleSetHash: 'ab' }), rules)).toBe(false)
  expect(isSkewed(request({ ruleSet: 6 }), rules)).toBe(true)
  expect(isSkewed(request({ ruleSet: 5, ruleSetHash: 'b' }), rules)).toBe(true)
})
