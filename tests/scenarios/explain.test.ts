import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'
import type { ExplainEntry, ExplainReport } from '../../lib/request/explain'
import { createSigner } from '../gateway/tokens'
import { type Example, startExample } from '../support/example'

/** The example under rules that send requests different ways, asked why. */

const rules = `
message: Who is asked, and why
objectives:
  RECOMMEND_TITLES: { default: title-recommender@3 }
  PREDICT_RATING:
    rules:
      - { name: content-test, when: { country: FR }, use: { experiment: rating-content } }
      - { name: classics, when: { country: CH, input.year: { lt: 1990 } }, use: rating-predictor@1 }
    default: rating-predictor@3
    canary: { of: rating-predictor@3, to: rating-predictor@4, percent: 75, salt: canary-4 }
  PAYMENT_RISK: { default: payment-risk@3 }
  ABUSE_SCORE:
    default: abuse-score@2
    fallback: [{ constant: { probability: 0.5, label: SPAM } }]
  SEARCH_TITLES: { default: title-search@2 }
experiments:
  rating-content:
    salt: rating-content-1
    cells:
      - { name: control, percent: 50, use: rating-predictor@2 }
      - { name: content, percent: 50, use: rating-predictor@4 }
`

let example: Example

beforeAll(async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'presage-rules-')), 'rules.yaml')
  writeFileSync(file, rules)
  example = await startExample(() => ({ rules: file }))
})
afterAll(() => example.close())

async function textOf(body: unknown, headers: Record<string, string>): Promise<string> {
  const response = await fetch(example.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-presage-explain': '1', ...headers },
    body: JSON.stringify(body),
  })
  return response.text()
}

async function explained(
  query: string,
  headers: Record<string, string> = {},
): Promise<readonly ExplainEntry[]> {
  return JSON.parse(await textOf({ query }, headers)).extensions.presage.predictions
}

/** Where rows ran differs from run to run. */
const ran = {
  worker: expect.stringMatching(/^main-/),
  batchRows: expect.any(Number),
  queueMs: expect.any(Number),
  computeMs: expect.any(Number),
}

const titles = '{ titles(first: 3) { predictedRating(memberId: "12") } }'

it('an arm of an experiment says the rule, the experiment, the cell and the bucket', async () => {
  expect(await explained(titles, { 'x-country': 'FR', 'x-member': '12' })).toEqual([
    {
      path: 'titles.*.predictedRating',
      rows: 3,
      field: 'Title.predictedRating',
      objective: 'PREDICT_RATING',
      ruleSet: expect.any(Number),
      model: 'rating-predictor@4',
      shard: 'main',
      reason: 'experiment',
      rule: 'content-test',
      experiment: 'rating-content',
      cell: 'content',
      bucket: 923_893,
      ...ran,
      batchRows: 3,
    },
  ])
})

it('rows that go different ways are told apart', async () => {
  const years = '{ titles(first: 20) { year predictedRating(memberId: "12") } }'
  const { data, extensions } = JSON.parse(
    await textOf({ query: years }, { 'x-country': 'CH', 'x-member': '13' }),
  )
  const classics = data.titles.filter(({ year }: { year: number | null }) => year !== null && year < 1990)
  expect(classics.length).toBeGreaterThan(0)
  const entries: readonly ExplainEntry[] = extensions.presage.predictions
  expect(new Map(entries.map(({ model, reason, rule, rows }) => [model, { reason, rule, rows }]))).toEqual(
    new Map([
      ['rating-predictor@1', { reason: 'rule', rule: 'classics', rows: classics.length }],
      ['rating-predictor@3', { reason: 'default', rule: undefined, rows: 20 - classics.length }],
    ]),
  )
})

it('predictions of entities stand where the client sees them, under its own names', async () => {
  const query = `{ me: member(id: "12") { best: recommendedTitles(first: 4) { title {
    name mine: predictedRating(memberId: "12") yours: predictedRating(memberId: "13") } } } }`
  const entries = await explained(query)
  expect(entries.map(({ path, rows, model }) => [path, rows, model])).toEqual([
    ['me.best', 1, 'title-recommender@3'],
    ['me.best.*.title.mine', 4, 'rating-predictor@3'],
    ['me.best.*.title.yours', 4, 'rating-predictor@3'],
  ])
  // Nobody is known to be asking, so there is nothing to draw the canary by.
  expect(entries[1]).toMatchObject({ flags: ['NO_UNIT'] })
})

it('a fallback is told with whom it stands in for and why', async () => {
  const { registry } = example.deployment.serving
  const status = registry.get('abuse-score@2')!
  registry.set({ ...status, state: { is: 'refused', reason: 'for the test' } })
  const messages = await explained('{ messages(first: 3) { abuse { probability } } }')
  registry.set(status)
  expect(messages).toEqual([
    {
      path: 'messages.*.abuse',
      rows: 3,
      field: 'Message.abuse',
      objective: 'ABUSE_SCORE',
      ruleSet: expect.any(Number),
      model: 'abuse-score@2',
      shard: 'main',
      reason: 'default',
      fallback: { by: 'constant', code: 'MODEL_NOT_READY' },
    },
  ])
})

it('a row without a prediction says the code of its error', async () => {
  const file = join(packageRoot, 'examples/streaming/data/payments.json')
  const { id: _id, bad: _bad, ...payment } = JSON.parse(readFileSync(file, 'utf8')).payments[4]
  const query = 'query ($p: PaymentInput!) { paymentRisk(payment: $p) { probability } }'
  const text = await textOf({ query, variables: { p: { ...payment, amount: -1e300 } } }, {})
  const { errors, extensions } = JSON.parse(text)
  const [entry, ...others] = extensions.presage.predictions
  expect(others).toEqual([])
  expect(entry).toMatchObject({ path: 'paymentRisk', model: 'payment-risk@3', error: 'BAD_FEATURE' })
  expect(errors[0].extensions.code).toBe('BAD_FEATURE')
  expect(entry).not.toHaveProperty('worker')
})

it('an override says that it is one', async () => {
  const [entry] = await explained(titles, { 'x-presage-override': 'PREDICT_RATING=rating-predictor@2' })
  expect(entry).toMatchObject({ model: 'rating-predictor@2', reason: 'override' })
  expect(entry).not.toHaveProperty('rule')
})

it.each([
  ['rating-predictor@99', 'the repository has no such version'],
  ['payment-risk@3', 'it does not serve PREDICT_RATING'],
])('an override that was not taken says so: %s', async (model, why) => {
  const [entry] = await explained(titles, { 'x-presage-override': `PREDICT_RATING=${model}` })
  expect(entry).toMatchObject({
    model: 'rating-predictor@3',
    reason: 'default',
    ignoredOverride: { model, why },
  })
})

it('an override of an objective that was not asked for is named', async () => {
  const headers = {
    'x-presage-override': 'PREDICT_RATINGS=rating-predictor@2, PREDICT_RATING=rating-predictor@2',
  }
  const { extensions } = JSON.parse(await textOf({ query: titles }, headers))
  expect(extensions.presage).toMatchObject({
    predictions: [{ reason: 'override' }],
    unusedOverrides: ['PREDICT_RATINGS'],
  })
  expect(extensions.presage.predictions[0]).not.toHaveProperty('ignoredOverride')
})

it('who overrides is told what was not taken, also without asking for explanations', async () => {
  const ask = async (override: string) => {
    const text = await textOf({ query: titles }, { 'x-presage-explain': '0', 'x-presage-override': override })
    return JSON.parse(text)
  }
  const { extensions } = await ask('PREDICT_RATING=rating-predictor@7, PREDICT_RATINGS=rating-predictor@2')
  expect(extensions).toEqual({
    presage: {
      ignoredOverrides: [
        {
          objective: 'PREDICT_RATING',
          model: 'rating-predictor@7',
          why: 'the repository has no such version',
        },
      ],
      unusedOverrides: ['PREDICT_RATINGS'],
    },
  })
  expect(Object.keys(await ask('PREDICT_RATING=rating-predictor@2'))).toEqual(['data'])
})

it('an answer that Apollo Server gave and one that passed it by tell the same', async () => {
  const query =
    '{ titles(first: 2) { id predictedRating(memberId: "12") } broken: titles(first: 1001) { id } }'
  const shape = (text: string) =>
    text.replace(/"(queueMs|computeMs)":[\d.]+/g, '"$1":0').replace(/"worker":"main-[^"]+"/g, '"worker":""')
  const first = shape(await textOf({ query }, {}))
  const second = shape(await textOf({ query }, {}))
  expect(second).toBe(first)
  expect(Object.keys(JSON.parse(first))).toEqual(['errors', 'data', 'extensions'])
})

it('nothing is told to who does not ask', async () => {
  const answer = JSON.parse(await textOf({ query: titles }, { 'x-presage-explain': '0' }))
  expect(Object.keys(answer)).toEqual(['data'])
})

it('an operation without predictions has nothing to tell', async () => {
  expect(await explained('{ titles(first: 2) { id } }')).toEqual([])
})

describe('with several operations in one body, for everybody', () => {
  let several: Example
  beforeAll(async () => {
    several = await startExample(({ limits, shards: { main }, trust }) => ({
      limits: { ...limits, operations: 2 },
      shards: { main: { ...main, workers: 1 } },
      trust: {
        ...trust,
        jwt: { issuer: 'i', audience: 'a', algorithms: ['ES256'], jwks: createSigner().jwksFile },
      },
      explain: true,
    }))
  })
  afterAll(() => several.close())

  it('each is told its own', async () => {
    const body = [
      { query: '{ titles(first: 2) { id } }' },
      { query: '{ messages(first: 2) { abuse { label } } }' },
    ]
    const response = await fetch(several.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-presage-explain': '1' },
      body: JSON.stringify(body),
    })
    const answers = (await response.json()) as { extensions: { presage: ExplainReport } }[]
    expect(answers.map(({ extensions }) => extensions.presage.predictions.map(({ path }) => path))).toEqual([
      [],
      ['messages.*.abuse'],
    ])
  })

  it('they are one request: each objective is decided once for all of them', async () => {
    const decisions = () => several.counter('presage_routing_decisions_total')
    const before = await decisions()
    const query = '{ messages(first: 2) { abuse { label } } }'
    await fetch(several.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ query }, { query: `{ again: ${query.slice(2)}` }]),
    })
    expect((await decisions()) - before).toBe(1)
  })
})
