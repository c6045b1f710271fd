import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'
import { type Answer, type Example, startExample } from '../support/example'

const awkward = join(packageRoot, 'tests/fixtures/awkward')
let example: Example

beforeAll(async () => {
  example = await startExample((config) => ({
    repositories: [...config.repositories, awkward],
    // 10,000 rows may take a busy machine longer than the usual second.
    server: { ...config.server, timeout: 30_000 },
  }))
})
afterAll(() => example.close())

const codes = (answer: Answer) => (answer.errors ?? []).map((error) => error.extensions.code)

const payment = {
  seniority: 3,
  home: 'rent',
  time: 60,
  age: 32,
  marital: 'married',
  records: 'no',
  job: 'fixed',
  expenses: 50,
  income: 147,
  assets: 0,
  debt: 0,
  amount: 1100,
  price: 1226,
}
const risk = (change: object) => {
  return example.query(
    'query ($p: PaymentInput!) { paymentRisk(payment: $p) { probability } titles(first: 1) { id } }',
    {
      p: { ...payment, ...change },
    },
  )
}

it('a row that cannot be predicted is null with a located error; the rest of the request stands', async () => {
  const answer = await example.query(
    '{ member(id: "12") { id good: recommendedTitles(first: 2) { score } bad: recommendedTitles(first: 51) { score } } }',
  )
  expect(answer.data.member.good).toHaveLength(2)
  expect(answer.data.member.bad).toBeNull()
  expect(answer.errors).toHaveLength(1)
  expect(answer.errors![0]).toMatchObject({ path: ['member', 'bad'], extensions: { code: 'BAD_FEATURE' } })
  expect(answer.errors![0].message).toContain('limit')
  expect(answer.errors![0].message).toContain('got 51 (from argument first)')
  expect(answer.errors![0].extensions.source).toBe('argument first')
  expect(answer.errors![0]).toHaveProperty('locations', [{ line: 1, column: 69 }])
})

it('null takes the default, as an absent value does', async () => {
  const answer = await example.query(
    'query ($n: Int) { member(id: "12") { recommendedTitles(first: $n) { score } } }',
    { n: null },
  )
  expect(answer.errors).toBeUndefined()
  expect(answer.data.member.recommendedTitles).toHaveLength(10)
})

it('a number beyond float32 is refused', async () => {
  const answer = await risk({ amount: 1e39 })
  expect(answer.data).toMatchObject({ paymentRisk: null, titles: [{ id: expect.any(String) }] })
  expect(codes(answer)).toEqual(['BAD_FEATURE'])
})

it('a missing value that the objective takes as null is predicted', async () => {
  const answer = await risk({ income: null, home: null, job: 'astronaut' })
  expect(answer.errors).toBeUndefined()
  expect(answer.data.paymentRisk.probability).toBeGreaterThan(0)
})

it('unknown ids are no error', async () => {
  const answer = await example.query('{ titles(ids: ["1"]) { predictedRating(memberId: "nobody") } }')
  expect(answer.errors).toBeUndefined()
  expect(answer.data.titles[0].predictedRating).toBeGreaterThan(0)
})

it('a list argument of more than 1,000 is refused before anything runs', async () => {
  const ids = Array.from({ length: 1001 }, (_, i) => String(i))
  const answer = await example.query('query ($i: [ID!]) { titles(ids: $i) { id } }', { i: ids })
  expect(codes(answer)).toEqual(['LIST_TOO_LONG'])
  expect(answer.errors![0].message).toContain('1001')
})

it('more than 100 aliases of prediction fields are refused', async () => {
  const aliases = Array.from({ length: 101 }, (_, i) => `a${i}: predictedRating(memberId: "${i}")`).join(' ')
  const answer = await example.query(`{ titles(first: 1) { ${aliases} } }`)
  expect(codes(answer)).toEqual(['TOO_MANY_ALIASES'])
})

it('rows beyond 10,000 are refused, those before are answered', async () => {
  const aliases = Array.from({ length: 11 }, (_, i) => `a${i}: predictedRating(memberId: "${i}")`).join(' ')
  const answer = await example.query(`{ titles(first: 1000) { ${aliases} } }`)
  const values = answer.data.titles.flatMap((title: object) => Object.values(title))
  expect(values.filter((value: unknown) => value !== null)).toHaveLength(10_000)
  expect(new Set(codes(answer))).toEqual(new Set(['TOO_MANY_ROWS']))
  expect(answer.errors).toHaveLength(1000)
})

it('rows that cannot make the deadline are DEADLINE_EXCEEDED, and the next request is unharmed', async () => {
  const golden = JSON.parse(readFileSync(join(awkward, 'models/slow-mlp/1/golden.json'), 'utf8'))
  // 1,000 different rows, at most 8 a batch and about 50 ms each: two workers need over three seconds.
  const inputs = golden.cases.map((one: { input: object }) => one.input)
  const features = Array.from({ length: 1_000 }, (_, at) => ({
    ...inputs[at % inputs.length],
    capitalRunTotal: at,
  }))
  const query = 'query ($f: [JSON!]!) { tryModel(model: "slow-mlp@1", features: $f) }'
  const late = await example.query(query, { f: features }, { 'x-presage-timeout-ms': '1000' })
  const errors = late.data.tryModel.flatMap((row: { error?: { code: string } }) => row.error?.code ?? [])
  expect(errors.length).toBeGreaterThan(8)
  expect(new Set(errors)).toEqual(new Set(['DEADLINE_EXCEEDED']))
  expect(
    (await example.query('{ titles(first: 100) { predictedRating(memberId: "12") } }')).errors,
  ).toBeUndefined()
})

it('a deadline that is no number is refused by name', async () => {
  const answer = await example.query('{ titles(first: 1) { id } }', {}, { 'x-presage-timeout-ms': 'soon' })
  expect(codes(answer)).toEqual(['BAD_REQUEST'])
  expect(answer.errors![0].message).toContain('x-presage-timeout-ms')
})
