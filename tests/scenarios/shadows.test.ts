import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Exposure } from '../../serving/exposure/exposure'
import { type Example, startExample } from '../support/example'
import { until } from '../support/until'

/** The example with shadows beside what answers, and a log of who was given what. */

const rules = `
message: Shadows and an experiment
objectives:
  RECOMMEND_TITLES:
    default: title-recommender@3
    shadow: [{ model: title-recommender@2, percent: 100, salt: a }]
  PREDICT_RATING:
    default: { experiment: content }
    shadow: [{ model: rating-predictor@2, percent: 100, salt: b }]
  PAYMENT_RISK: { default: payment-risk@3 }
  ABUSE_SCORE: { default: abuse-score@2, shadow: [{ model: abuse-score@1, percent: 100, salt: c }] }
  SEARCH_TITLES: { default: title-search@2 }
experiments:
  content:
    salt: rating-content-1
    cells:
      - { name: control, percent: 50, use: rating-predictor@3 }
      - { name: content, percent: 50, use: rating-predictor@4 }
`

const folder = mkdtempSync(join(tmpdir(), 'presage-shadows-'))
const exposures = join(folder, 'logs', 'exposures.jsonl')
let example: Example

beforeAll(async () => {
  const file = join(folder, 'rules.yaml')
  writeFileSync(file, rules)
  example = await startExample(({ shadows }) => ({
    rules: file,
    shadows: { ...shadows, deadline: 60_000, examples: 2 },
    exposures: { file: exposures, sample: 1 },
  }))
})
afterAll(() => example.close())

const compared = `query ($objective: String) {
  shadowComparisons(objective: $objective) {
    objective answered shadow since rows compared failures { outcome rows }
    shadowLatency { count meanMs maxMs } answeredLatency { count meanMs }
    outputs { output count agreement meanDifference maxDifference meanOverlap examples { request inputs answered shadow } }
  }
}`

/** Asks until a shadow has had so many rows: it is asked after the answer, when this process has little to do. */
async function comparisonOf(objective: string, rows: number) {
  const look = async () => {
    const { data, errors } = await example.query(compared, { objective })
    expect(errors).toBeUndefined()
    return data.shadowComparisons[0]
  }
  await until(async () => (await look())?.rows >= rows, { everyMs: 100 })
  return look()
}

const inferred = () =>
  example.counter('presage_inference_count_total', { version: '2', model: 'rating-predictor' })

it('a shadow of numbers is compared, and the client knows nothing of it', async () => {
  const before = await inferred()
  const { data, errors } = await example.query(
    '{ titles(first: 20) { predictedRating(memberId: "12") } }',
    {},
    { 'x-member': '12' },
  )
  expect(errors).toBeUndefined()
  expect(data.titles).toHaveLength(20)
  const pair = await comparisonOf('PREDICT_RATING', 20)
  expect(pair).toMatchObject({
    ...{ answered: 'rating-predictor@4', shadow: 'rating-predictor@2', rows: 20, compared: 20, failures: [] },
    shadowLatency: { count: 1, meanMs: expect.any(Number) },
    answeredLatency: { count: 1, meanMs: expect.any(Number) },
    outputs: [
      { count: 20, agreement: expect.any(Number), meanDifference: expect.any(Number), meanOverlap: null },
    ],
  })
  const [{ meanDifference, maxDifference, examples }] = pair.outputs
  expect(meanDifference).toBeGreaterThan(0)
  expect(maxDifference).toBeGreaterThanOrEqual(meanDifference)
  expect(examples).toHaveLength(2)
  expect(Math.abs(examples[0].answered - examples[0].shadow)).toBeCloseTo(maxDifference)
  expect(await example.counter('presage_shadow_rows_total', { outcome: 'answered' })).toBe(20)
  // Golden cases are counted, a shadow is not.
  expect(await inferred()).toBe(before)
})

it('a shadow of lists is compared by what both rank first', async () => {
  const { errors } = await example.query(
    '{ member(id: "12") { recommendedTitles(first: 10) { title { id } } } }',
    {},
    { 'x-member': '12' },
  )
  expect(errors).toBeUndefined()
  const pair = await comparisonOf('RECOMMEND_TITLES', 1)
  expect(pair.compared).toBe(1)
  expect(pair.outputs[0].meanOverlap).toBeGreaterThanOrEqual(0)
  expect(pair.outputs[0].meanOverlap).toBeLessThanOrEqual(1)
})

it('an assignment is written with who answered, and the shadow’s as such', async () => {
  await example.query('{ titles(first: 3) { predictedRating(memberId: "13") } }', {}, { 'x-member': '13' })
  await comparisonOf('PREDICT_RATING', 3)
  await example.close()
  const lines = readFileSync(exposures, 'utf8').trimEnd().split('\n')
  const written = lines.map((line) => JSON.parse(line) as Exposure)
  const seen = written.map(({ unit, cell, model, origin, rows }) => [unit, cell, model, origin, rows])
  // Of member 12 the bucket for `rating-content-1` is 923,893, of member 13 it is 222,529.
  expect(seen).toEqual(
    expect.arrayContaining([
      ['12', 'content', 'rating-predictor@4', 'real', 20],
      ['12', 'content', 'rating-predictor@2', 'shadow', 20],
      ['13', 'control', 'rating-predictor@3', 'real', 3],
    ]),
  )
})
