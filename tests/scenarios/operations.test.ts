import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'
import { type Example, startExample } from '../support/example'

const data = (path: string) => JSON.parse(readFileSync(join(packageRoot, 'examples/streaming', path), 'utf8'))
const titles: { id: number; title: string | null; year: number | null; genres: string[] }[] = data(
  'movielens/data/titles.json',
).titles
const members: { id: number; history: { titleId: number; rating: number }[] }[] = data(
  'movielens/data/members.json',
).members
const payments: Record<string, unknown>[] = data('data/payments.json').payments

let example: Example

beforeAll(async () => {
  example = await startExample()
})
afterAll(() => example.close())

describe('members and their recommendations', () => {
  it('answers history, recommendations, catalogue fields and ratings in one query', async () => {
    const answer = await example.query(`{ member(id: "12") { id history(first: 5) { stars title { name } }
      recommendedTitles(first: 10) { score title { id name year genres predictedRating(memberId: "12") } } } }`)
    expect(answer.errors).toBeUndefined()
    const { member } = answer.data
    expect(member.id).toBe('12')
    expect(member.history).toHaveLength(5)
    expect(member.recommendedTitles).toHaveLength(10)
    const scores = member.recommendedTitles.map((one: { score: number }) => one.score)
    expect(scores).toEqual([...scores].sort((a, b) => b - a))
    for (const { title } of member.recommendedTitles) {
      expect(title).toMatchObject({
        name: expect.any(String),
        year: expect.any(Number),
        genres: expect.any(Array),
      })
      expect(title.predictedRating).toBeGreaterThan(0)
      expect(title.predictedRating).toBeLessThan(6)
    }
  })

  it('never recommends what the member has rated, for any of the 671 members', async () => {
    let fewer = 0
    for (let skip = 0; skip < members.length; skip += 100) {
      const answer = await example.query(
        'query ($s: Int) { members(first: 100, skip: $s) { id history(first: 5) { title { id } } recommendedTitles(first: 50) { title { id } } } }',
        { s: skip },
      )
      expect(answer.errors).toBeUndefined()
      answer.data.members.forEach(
        (
          member: { id: string; history: unknown[]; recommendedTitles: { title: { id: string } }[] },
          i: number,
        ) => {
          const row = members[skip + i]
          const rated = new Set(row.history.map((rating) => String(rating.titleId)))
          expect(member.id).toBe(String(row.id))
          expect(member.history).toEqual(
            row.history.slice(0, 5).map((rating) => ({ title: { id: String(rating.titleId) } })),
          )
          expect(member.recommendedTitles.filter(({ title }) => rated.has(title.id))).toEqual([])
          expect(member.recommendedTitles.length).toBeGreaterThan(0)
          if (member.recommendedTitles.length < 50) fewer++
        },
      )
    }
    expect(fewer).toBeGreaterThan(0) // the graph yields 50, and some of them were rated below 4 stars
  })

  it('answers null for a member that nobody knows', async () => {
    expect(await example.query('{ member(id: "0") { recommendedTitles { score } } }')).toEqual({
      data: { member: null },
    })
  })
})

describe('titles', () => {
  it('page in the order of the data set, over all of it', async () => {
    const seen: string[] = []
    for (let skip = 0; ; skip += 1000) {
      const { data: page } = await example.query('query ($s: Int) { titles(first: 1000, skip: $s) { id } }', {
        s: skip,
      })
      if (page.titles.length === 0) break
      seen.push(...page.titles.map((title: { id: string }) => title.id))
    }
    expect(seen).toEqual(titles.map((title) => String(title.id)))
  })

  it('keep the order asked, and leave unknown ids out', async () => {
    const { data: answer } = await example.query('{ titles(ids: ["3", "999999", "1", "3"]) { id } }')
    expect(answer.titles).toEqual([{ id: '3' }, { id: '1' }, { id: '3' }])
  })

  it('are rated also where neither name nor year is known', async () => {
    const nameless = titles.filter((title) => title.title === null)
    expect(nameless).toHaveLength(5)
    const answer = await example.query(
      'query ($i: [ID!]) { titles(ids: $i) { name year predictedRating(memberId: "12") } }',
      {
        i: nameless.map((title) => String(title.id)),
      },
    )
    expect(answer.errors).toBeUndefined()
    for (const title of answer.data.titles) {
      expect(title).toEqual({ name: null, year: null, predictedRating: expect.any(Number) })
    }
  })

  it.each([
    ['first: 1001', 'first must be 0 to 1000, got 1001'],
    ['first: -1', 'first must be 0 to 1000, got -1'],
    ['skip: -1', 'skip must be 0 or more, got -1'],
  ])('refuse %s', async (args, message) => {
    const answer = await example.query(`{ titles(${args}) { id } }`)
    expect(answer.errors?.[0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } })
  })
})

describe('payments', () => {
  it('are scored by their own fields, and decided by the limits', async () => {
    const answer = await example.query('{ payments(first: 300) { id amount risk { probability decision } } }')
    expect(answer.errors).toBeUndefined()
    expect(answer.data.payments).toHaveLength(300)
    const decisions = new Set<string>()
    answer.data.payments.forEach(
      (
        payment: { id: string; amount: number; risk: { probability: number; decision: string } },
        row: number,
      ) => {
        const { probability, decision } = payment.risk
        expect(payment).toMatchObject({ id: String(payments[row]['id']), amount: payments[row]['amount'] })
        expect(decision).toBe(probability < 0.3 ? 'APPROVE' : probability < 0.6 ? 'REVIEW' : 'DECLINE')
        decisions.add(decision)
      },
    )
    expect([...decisions].sort()).toEqual(['APPROVE', 'DECLINE', 'REVIEW'])
  })

  it('get the same answer when they come as an argument', async () => {
    const { id, bad: _bad, ...payment } = payments[4]
    const answer = await example.query(
      'query ($p: PaymentInput!, $id: ID!) { paymentRisk(payment: $p) { probability decision } payment(id: $id) { risk { probability decision } } }',
      { p: payment, id: String(id) },
    )
    expect(answer.errors).toBeUndefined()
    expect(answer.data.paymentRisk).toEqual(answer.data.payment.risk)
  })
})

it('messages are labelled SPAM from a half', async () => {
  const answer = await example.query('{ messages(first: 300) { id abuse { probability label } } }')
  expect(answer.errors).toBeUndefined()
  const labels = answer.data.messages.map(({ abuse }: { abuse: { probability: number; label: string } }) => {
    expect(abuse.label).toBe(abuse.probability < 0.5 ? 'HAM' : 'SPAM')
    return abuse.label
  })
  expect(new Set(labels)).toEqual(new Set(['HAM', 'SPAM']))
})

it('search forgives typing errors', async () => {
  const answer = await example.query(
    '{ searchTitles(text: "teh godfathr", first: 5) { score title { id name year } } }',
  )
  expect(answer.errors).toBeUndefined()
  expect(answer.data.searchTitles).toHaveLength(5)
  expect(answer.data.searchTitles[0].title).toEqual({ id: '858', name: 'Godfather, The', year: 1972 })
})

describe('platform', () => {
  it('shows every version and objective', async () => {
    const answer = await example.query(`{
      models { name version platform shards ready reason features { name type nullable } outputs { name type } }
      objectives { name description inputs { name type nullable } outputs { name type } default { name version } fields } }`)
    expect(answer.errors).toBeUndefined()
    expect(
      answer.data.models.map((one: { name: string; version: string }) => `${one.name}@${one.version}`),
    ).toEqual([
      'abuse-score@1',
      'abuse-score@2',
      'payment-risk@1',
      'payment-risk@2',
      'payment-risk@3',
      'rating-predictor@1',
      'rating-predictor@2',
      'rating-predictor@3',
      'rating-predictor@4',
      'title-recommender@1',
      'title-recommender@2',
      'title-recommender@3',
      'title-search@1',
      'title-search@2',
    ])
    expect(answer.data.models.filter((one: { ready: boolean }) => !one.ready)).toEqual([])
    expect(answer.data.models[8]).toMatchObject({
      platform: 'onnx',
      shards: ['main'],
      reason: null,
      features: [
        { name: 'memberId', type: 'ID', nullable: false },
        { name: 'titleId', type: 'ID', nullable: false },
        { name: 'genres', type: '[String!]', nullable: true },
        { name: 'year', type: 'Int', nullable: true },
      ],
      outputs: [{ name: 'rating', type: 'Float' }],
    })
    const rating = answer.data.objectives.find((one: { name: string }) => one.name === 'PREDICT_RATING')
    expect(rating).toMatchObject({
      default: { name: 'rating-predictor', version: '4' },
      fields: ['Title.predictedRating'],
    })
    const risk = answer.data.objectives.find((one: { name: string }) => one.name === 'PAYMENT_RISK')
    expect(risk.fields.sort()).toEqual(['Payment.risk', 'Query.paymentRisk'])
    expect(risk.description).toMatch(/not fraud/i)
  })

  it('shows what the manifest of a version and the contract of an objective say', async () => {
    const { data, errors } = await example.query(`{
      models { name version state licence sha256 serves goldenCases
        metrics { name value } preprocess { name step } postprocess { name step } }
      objectives { name unit versions { name version ready }
        inputs { name required default range maxLength measure } outputs { name measure }
        candidates { model by shares { by percent } } } }`)
    expect(errors).toBeUndefined()
    const { manifest } = example.deployment.serving.registry.find('payment-risk@3').model
    const golden = JSON.parse(
      readFileSync(join(packageRoot, 'examples/streaming/models/payment-risk/3/golden.json'), 'utf8'),
    )
    expect(data.models[4]).toEqual({
      name: 'payment-risk',
      version: '3',
      state: 'ready',
      licence: manifest.licence,
      sha256: manifest.graph.sha256,
      serves: ['PAYMENT_RISK'],
      goldenCases: golden.cases.length,
      metrics: [
        { name: 'AUC', value: 0.87 },
        { name: 'AUC, 5-fold over all rows', value: 0.846 },
      ],
      preprocess: [{ name: 'features', step: expect.arrayContaining([{ number: 'seniority' }]) }],
      postprocess: [
        { name: 'probability', step: { column: 'probability' } },
        { name: 'decision', step: expect.objectContaining({ label: 'probability' }) },
      ],
    })
    const titles = data.objectives.find((one: { name: string }) => one.name === 'RECOMMEND_TITLES')
    expect(titles).toMatchObject({
      unit: 'context.member',
      versions: ['1', '2', '3'].map((version) => ({ name: 'title-recommender', version, ready: true })),
      candidates: [
        {
          model: 'title-recommender@3',
          by: ['default'],
          shares: [{ by: 'default', percent: 100 }],
        },
      ],
    })
    expect(titles.inputs).toContainEqual({
      name: 'limit',
      required: false,
      default: 10,
      range: [1, 50],
      maxLength: null,
      measure: null,
    })
  })

  const tryModel = (model: string, features: unknown[]) => {
    return example.query('query ($m: String!, $f: [JSON!]!) { tryModel(model: $m, features: $f) }', {
      m: model,
      f: features,
    })
  }

  it('tries a model on rows of its features, a bad row in its place', async () => {
    const row = { memberId: 12, titleId: '356' }
    const answer = await tryModel('rating-predictor@3', [row, { memberId: 12 }, 7, { ...row, genres: 5 }])
    expect(answer.errors).toBeUndefined()
    const [first, second, third, fourth] = answer.data.tryModel
    expect(first).toEqual({ rating: expect.any(Number) })
    expect(second.error).toMatchObject({ code: 'BAD_FEATURE', message: expect.stringContaining('titleId') })
    expect(third.error).toEqual({
      code: 'BAD_FEATURE',
      message: 'a row must be an object of features, got a number',
    })
    expect(fourth).toEqual(first) // a feature that this version does not declare is ignored
  })

  it('answers outputs of the objective beside those of the graph', async () => {
    const answer = await tryModel('title-recommender@3', [
      { history: ['318'], excludeTitleIds: ['593'], limit: 2 },
    ])
    const [row] = answer.data.tryModel
    expect(row.titleIds).toHaveLength(50)
    expect(row.scores).toHaveLength(50)
    expect(row.items).toHaveLength(2)
    expect(row.items.map((item: { title: { id: string } }) => item.title.id)).not.toContain('593')
  })

  it.each([
    ['title-recommender@99', 'MODEL_NOT_FOUND'],
    ['../../secrets@1', 'MODEL_NOT_FOUND'],
    ['constructor', 'MODEL_NOT_FOUND'],
    ['__proto__@1', 'MODEL_NOT_FOUND'],
  ])('does not know %s', async (name, code) => {
    const answer = await tryModel(name, [{}])
    expect(answer.errors?.[0].extensions.code).toBe(code)
  })

  it('takes at most 1,000 rows', async () => {
    const row = { memberId: 1, titleId: 1 }
    expect((await tryModel('rating-predictor@1', new Array(1000).fill(row))).data.tryModel).toHaveLength(1000)
    expect(
      (await tryModel('rating-predictor@1', new Array(1001).fill(row))).errors?.[0].extensions.code,
    ).toBe('LIST_TOO_LONG')
  })

  it('answers no rows with no rows', async () => {
    expect(await tryModel('title-search@2', [])).toEqual({ data: { tryModel: [] } })
  })
})
