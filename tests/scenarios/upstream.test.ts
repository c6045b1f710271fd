import { type Example, startExample } from '../support/example'

let example: Example
const broken = new Set<string>()
let catalogIsDown = false

beforeAll(async () => {
  example = await startExample(undefined, {
    resolvers: {
      catalog: {
        Title: {
          year(title: { id: string; year: number }) {
            if (catalogIsDown || broken.has(title.id)) throw new Error('the shelf is on fire')
            return title.year
          },
        },
      },
      payments: {
        Payment: {
          income(payment: { id: number; income: number | null }) {
            if (payment.id === 2) throw new Error('ledger is closed')
            return payment.income
          },
        },
      },
    },
  })
})
afterAll(() => example.close())
afterEach(() => {
  broken.clear()
  catalogIsDown = false
})

const ids = async () =>
  (await example.query('{ titles(first: 100) { id } }')).data.titles.map(
    (title: { id: string }) => title.id,
  ) as string[]

it('a required field that failed for 3 of 100 titles costs 3 predictions', async () => {
  const all = await ids()
  for (const place of [5, 50, 99]) broken.add(all[place])
  const before = await example.counter('presage_inference_count_total', { model: 'rating-predictor' })
  const answer = await example.query('{ titles(first: 100) { id predictedRating(memberId: "12") } }')
  const after = await example.counter('presage_inference_count_total', { model: 'rating-predictor' })

  const rated = answer.data.titles.filter(
    (title: { predictedRating: number | null }) => title.predictedRating !== null,
  )
  expect(rated).toHaveLength(97)
  expect(after - before).toBe(97)
  const failed = answer.errors!.filter((error) => error.extensions.code === 'UPSTREAM_FAILED')
  expect(failed.map((error) => error.path)).toEqual(
    [5, 50, 99].map((place) => ['titles', place, 'predictedRating']),
  )
  expect(failed[0].message).toContain('titles.5.year')
})

it('when it failed for all of them, nothing is predicted and nothing is guessed', async () => {
  catalogIsDown = true
  const answer = await example.query('{ titles(first: 3) { predictedRating(memberId: "12") } }')
  expect(answer.data.titles).toEqual([
    { predictedRating: null },
    { predictedRating: null },
    { predictedRating: null },
  ])
  expect(answer.errors!.filter((error) => error.extensions.code === 'UPSTREAM_FAILED')).toHaveLength(3)
})

it('a field of the same subgraph whose resolver failed is no missing value either', async () => {
  const answer = await example.query('{ payments(first: 3) { id risk { decision } } }')
  expect(answer.data.payments.map((payment: { risk: unknown }) => payment.risk === null)).toEqual([
    false,
    true,
    false,
  ])
  expect(answer.errors).toHaveLength(1)
  expect(answer.errors![0]).toMatchObject({
    path: ['payments', 1, 'risk'],
    extensions: { code: 'UPSTREAM_FAILED' },
    message: expect.stringContaining('Payment.income'),
  })
  expect(answer.errors![0].message).not.toContain('ledger')
})
