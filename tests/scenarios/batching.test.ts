import { type Example, startExample } from '../support/example'

let example: Example

beforeAll(async () => {
  example = await startExample()
})
afterAll(() => example.close())

/** Rows and model calls of a model while `run` ran. */
async function inferred(
  model: string,
  run: () => Promise<unknown>,
): Promise<{ rows: number; calls: number }> {
  const read = async () => ({
    rows: await example.counter('presage_inference_count_total', { model }),
    calls: await example.counter('presage_inference_exec_count_total', { model }),
  })
  const before = await read()
  await run()
  const after = await read()
  return { rows: after.rows - before.rows, calls: after.calls - before.calls }
}

async function rated(query: string, variables?: Record<string, unknown>): Promise<void> {
  const answer = await example.query(query, variables)
  expect(answer.errors).toBeUndefined()
}

it('100 titles are one model call of 100 rows', async () => {
  const run = () => rated('{ titles(first: 100) { predictedRating(memberId: "12") } }')
  expect(await inferred('rating-predictor', run)).toEqual({ rows: 100, calls: 1 })
})

it('1,000 titles are one model call of 1,000 rows', async () => {
  const run = () => rated('{ titles(first: 1000) { predictedRating(memberId: "12") } }')
  expect(await inferred('rating-predictor', run)).toEqual({ rows: 1000, calls: 1 })
})

it('two aliases with different members are one batch', async () => {
  const run = () =>
    rated('{ titles(first: 50) { a: predictedRating(memberId: "12") b: predictedRating(memberId: "13") } }')
  expect(await inferred('rating-predictor', run)).toEqual({ rows: 100, calls: 1 })
})

it('equal rows of one request are inferred once', async () => {
  const run = () =>
    rated(
      '{ titles(ids: ["1", "2", "1"]) { a: predictedRating(memberId: "12") b: predictedRating(memberId: "12") } }',
    )
  expect(await inferred('rating-predictor', run)).toEqual({ rows: 2, calls: 1 })
})

it('inputs that @requires brings for entities of different lists reach the model in one call', async () => {
  const run = () =>
    rated(
      '{ members(first: 10) { recommendedTitles(first: 10) { title { predictedRating(memberId: "12") } } } }',
    )
  const { calls } = await inferred('rating-predictor', run)
  expect(calls).toBe(1)
})

it('features that only postprocess reads do not split a batch or repeat an inference', async () => {
  const run = () =>
    rated(
      '{ member(id: "12") { a: recommendedTitles(first: 3) { score } b: recommendedTitles(first: 5) { score } } }',
    )
  expect(await inferred('title-recommender', run)).toEqual({ rows: 1, calls: 1 })
})

it('64 concurrent requests share their model calls', async () => {
  const one = (n: number) =>
    rated('query ($m: ID!) { titles(first: 20) { predictedRating(memberId: $m) } }', { m: String(n + 1) })
  await Promise.all(Array.from({ length: 64 }, (_, n) => one(n))) // opens the connections, so that the next 64 come together
  const run = () => Promise.all(Array.from({ length: 64 }, (_, n) => one(n)))
  const { rows, calls } = await inferred('rating-predictor', run)
  expect(rows).toBe(64 * 20)
  expect(calls).toBeLessThanOrEqual(16)
})
