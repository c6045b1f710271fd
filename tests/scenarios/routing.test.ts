import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Example, startExample } from '../support/example'

/** The example under rules that send requests different ways. */

const rules = `
message: Who is asked, and who answers
objectives:
  RECOMMEND_TITLES: { default: title-recommender@3 }
  PREDICT_RATING:
    rules:
      - { name: dach, when: { country: { in: [DE, AT, CH] } }, use: rating-predictor@1 }
      - { name: content-test, when: { country: FR, not: { device: tv } }, use: { experiment: rating-content } }
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
/** What each version of the model answers, asked for by name. */
let ratings: Map<string, readonly number[]>

const query = '{ titles(first: 20) { predictedRating(memberId: "12") } }'

async function rate(headers: Record<string, string>): Promise<readonly number[]> {
  const { data, errors } = await example.query(query, {}, headers)
  expect(errors).toBeUndefined()
  return data.titles.map((title: { predictedRating: number }) => title.predictedRating)
}

/** The version that answered. */
async function versionFor(headers: Record<string, string>): Promise<string | undefined> {
  const answer = JSON.stringify(await rate(headers))
  return [...ratings].find(([, values]) => JSON.stringify(values) === answer)?.[0]
}

const decisions = (labels: Record<string, string>) =>
  example.counter('presage_routing_decisions_total', { objective: 'PREDICT_RATING', ...labels })

beforeAll(async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'presage-rules-')), 'rules.yaml')
  writeFileSync(file, rules)
  example = await startExample(() => ({ rules: file }))
  ratings = new Map()
  for (const number of [1, 2, 3, 4]) {
    const model = `rating-predictor@${number}`
    ratings.set(model, await rate({ 'x-presage-override': `PREDICT_RATING=${model}` }))
  }
})
afterAll(() => example.close())

it('a researcher reaches each version by name, and each answers otherwise', async () => {
  expect(new Set([...ratings.values()].map((values) => JSON.stringify(values))).size).toBe(4)
  for (const model of ratings.keys()) expect(await decisions({ model, reason: 'override' })).toBe(1)
})

it('an override that does not read so is refused, one to what serves something else is passed over', async () => {
  const refused = await example.query(query, {}, { 'x-presage-override': 'PREDICT_RATING' })
  expect(refused.errors).toEqual([
    expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_REQUEST' }) }),
  ])
  const headers = { 'x-country': 'DE', 'x-presage-override': 'PREDICT_RATING=abuse-score@2' }
  expect(await versionFor(headers)).toBe('rating-predictor@1')
})

// Of member 12 the bucket for `canary-4` is 743,661 and for `rating-content-1` 923,893; of member 13 they are 913,219 and 222,529.
it.each([
  ['by a rule, whoever asks', { 'x-country': 'AT', 'x-member': '12' }, 'rating-predictor@1'],
  ['by the cell of an experiment', { 'x-country': 'FR', 'x-member': '12' }, 'rating-predictor@4'],
  ['by the other cell', { 'x-country': 'FR', 'x-member': '13' }, 'rating-predictor@2'],
  ['by the canary', { 'x-country': 'US', 'x-member': '12' }, 'rating-predictor@4'],
  ['by the default, beyond the canary', { 'x-country': 'US', 'x-member': '13' }, 'rating-predictor@3'],
  ['by the default, without a member', { 'x-country': 'US' }, 'rating-predictor@3'],
  [
    'by the default, where the rule does not match',
    { 'x-country': 'FR', 'x-device': 'tv', 'x-member': '13' },
    'rating-predictor@3',
  ],
])('a request is sent %s', async (_, headers, model) => {
  expect(await versionFor(headers as Record<string, string>)).toBe(model)
})

it('decisions are counted by what decided, those without a unit apart', async () => {
  const unitless = () => example.counter('presage_routing_no_unit_total', { objective: 'PREDICT_RATING' })
  const before = await unitless()
  const cell = { reason: 'experiment', rule: 'content-test', cell: 'content', model: 'rating-predictor@4' }
  const cells = await decisions(cell)
  await rate({ 'x-country': 'FR', 'x-member': '12' })
  await rate({ 'x-country': 'FR' })
  expect((await decisions(cell)) - cells).toBe(1)
  expect((await unitless()) - before).toBe(1)
})

it('a constant answers where the version cannot, and says so in the metrics', async () => {
  const { registry } = example.deployment.serving
  const status = registry.get('abuse-score@2')!
  registry.set({ ...status, state: { is: 'refused', reason: 'for the test' } })
  const { data, errors } = await example.query('{ messages(first: 3) { abuse { probability label } } }')
  registry.set(status)
  expect(errors).toBeUndefined()
  expect(data.messages.map(({ abuse }: { abuse: unknown }) => abuse)).toEqual(
    new Array(3).fill({ probability: 0.5, label: 'SPAM' }),
  )
  const labels = { objective: 'ABUSE_SCORE', from: 'abuse-score@2', to: 'constant', code: 'MODEL_NOT_READY' }
  expect(await example.counter('presage_fallback_total', labels)).toBe(3)
  expect(await example.counter('presage_prediction_failures_total', { asked: 'ABUSE_SCORE' })).toBe(0)
})
