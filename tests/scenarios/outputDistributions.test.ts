import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'
import { type Example, startExample } from '../support/example'
import { until } from '../support/until'

/** What versions answer, as the platform tells it, beside what clients were given. */

const rules = `
objectives:
  RECOMMEND_TITLES: { default: title-recommender@3 }
  PREDICT_RATING:
    default: rating-predictor@4
    canary: { of: rating-predictor@4, to: rating-predictor@3, percent: 50, salt: a }
    shadow: [{ model: rating-predictor@2, percent: 100, salt: b }]
  PAYMENT_RISK: { default: payment-risk@3 }
  ABUSE_SCORE: { default: abuse-score@2 }
  SEARCH_TITLES: { default: title-search@2 }
`

let example: Example

beforeAll(async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'presage-distributions-')), 'rules.yaml')
  writeFileSync(file, rules)
  example = await startExample(({ shadows }) => ({ rules: file, shadows: { ...shadows, deadline: 60_000 } }))
})
afterAll(() => example.close())

interface Distribution {
  readonly objective: string
  readonly model: string
  readonly shadow: boolean
  readonly output: string
  readonly count: number
  readonly bounds: readonly number[] | null
  readonly counts: readonly number[] | null
  readonly values: readonly { readonly value: string; readonly count: number }[] | null
}

async function look(of: Readonly<Record<string, string>> = {}): Promise<readonly Distribution[]> {
  const { data, errors } = await example.query(
    `query ($objective: String, $model: String) { outputDistributions(objective: $objective, model: $model) {
      objective model shadow output since count bounds counts values { value count }
    } }`,
    of,
  )
  expect(errors).toBeUndefined()
  return data.outputDistributions
}

/** How many of the numbers are in each bin. */
const counted = (numbers: readonly number[], bounds: readonly number[]) =>
  bounds.slice(1).map((end, bin) => numbers.filter((one) => one >= bounds[bin] && one < end).length)

it('numbers are spread as the answers were, by version, and the shadow is marked', async () => {
  await look()
  const given = new Map<string, number[]>()
  for (let member = 1; member <= 12; member++) {
    const query = `{ titles(first: 20) { predictedRating(memberId: "${member}") } }`
    const { data, errors, extensions } = (await example.query(
      query,
      {},
      { 'x-member': String(member), 'x-presage-explain': '1' },
    )) as Awaited<ReturnType<Example['query']>> & { extensions?: Record<string, unknown> }
    expect(errors).toBeUndefined()
    const [model, ...others] = new Set(
      [...JSON.stringify(extensions).matchAll(/"model":"(rating-predictor@\d)"/g)].map(([, name]) => name),
    )
    expect(others).toEqual([])
    const ratings = data.titles.map((title: { predictedRating: number }) => title.predictedRating)
    given.set(model, [...(given.get(model) ?? []), ...ratings])
  }
  expect([...given.keys()].sort()).toEqual(['rating-predictor@3', 'rating-predictor@4'])
  let found: readonly Distribution[] = []
  // The shadow is asked when this process has little to do.
  await until(
    async () => {
      found = await look({ objective: 'PREDICT_RATING' })
      return found.length === 3
    },
    { everyMs: 100 },
  )
  const byModel = new Map(found.map((one) => [one.model, one]))
  expect(byModel.get('rating-predictor@2')).toMatchObject({ shadow: true, output: 'rating', values: null })
  for (const [model, ratings] of given) {
    const { shadow, count, bounds, counts } = byModel.get(model)!
    expect({ model, shadow, count }).toEqual({ model, shadow: false, count: ratings.length })
    expect(counts).toEqual(counted(ratings, bounds!))
  }
  expect(await look({ model: 'rating-predictor@2' })).toMatchObject([{ shadow: true }])
})

it('labels are counted one by one', async () => {
  await look()
  const { data } = await example.query('{ messages(first: 40) { abuse { probability label } } }')
  const labels = data.messages.map((message: { abuse: { label: string } }) => message.abuse.label)
  const [probability, label] = await look({ objective: 'ABUSE_SCORE' })
  expect(probability).toMatchObject({ output: 'probability', count: labels.length, values: null })
  expect(label).toMatchObject({ output: 'label', count: labels.length, bounds: null, counts: null })
  for (const { value, count } of label.values!)
    expect(count).toBe(labels.filter((one: string) => one === value).length)
})

it('what is a list is not counted', async () => {
  await look()
  const { errors } = await example.query(
    '{ member(id: "12") { recommendedTitles(first: 3) { title { id } } } }',
  )
  expect(errors).toBeUndefined()
  expect(await look({ objective: 'RECOMMEND_TITLES' })).toEqual([])
})

it('a version tells the size of its files', async () => {
  const { data } = await example.query('{ models { name version sizeBytes } }')
  const size = (name: string, version: string) =>
    data.models.find((one: Record<string, string>) => one.name === name && one.version === version).sizeBytes
  const folder = join(packageRoot, 'examples/streaming/models/payment-risk/2')
  const files = readdirSync(folder).map((file) => statSync(join(folder, file)).size)
  expect(size('payment-risk', '2')).toBe(files.reduce((sum, one) => sum + one))
})
