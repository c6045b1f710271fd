import { audience, createSigner, issuer } from '../gateway/tokens'
import { type Example, startExample } from '../support/example'

/** What the graph says of whoever asks, and the fields by which a page asks for little. */

const signer = createSigner()
let example: Example

beforeAll(async () => {
  example = await startExample(({ trust, ruleStore, context }) => ({
    context: { ...context, visits: { from: 'client', header: 'x-visits', type: 'number' } },
    ruleStore: { ...ruleStore, mutations: true },
    trust: { ...trust, jwt: { issuer, audience, algorithms: ['ES256'], jwks: signer.jwksFile } },
  }))
})
afterAll(() => example.close())

async function as(role: string | undefined, query: string) {
  const headers: Record<string, string> =
    role === undefined ? {} : { authorization: `Bearer ${await signer.sign({ roles: [role] })}` }
  return example.query(query, {}, headers)
}

it.each([
  [undefined, [], false, false],
  ['viewer', ['viewer'], false, false],
  ['researcher', ['viewer', 'researcher'], true, false],
  ['operator', ['viewer', 'researcher', 'operator'], true, true],
])('%s is told its roles and what it may do', async (role, roles, mayTryModels, mayChangeRules) => {
  const { data, errors } = await as(role, '{ caller { roles mayTryModels mayChangeRules } }')
  expect(errors).toBeUndefined()
  expect(data.caller).toEqual({ roles, mayTryModels, mayChangeRules })
})

it('viewers are told the declared context keys with their types; others are not', async () => {
  const query = '{ contextKeys { name type } }'
  const { data } = await as('viewer', query)
  expect(data.contextKeys).toEqual(
    expect.arrayContaining([
      { name: 'country', type: 'string' },
      { name: 'visits', type: 'number' },
    ]),
  )
  expect((await as(undefined, query)).errors![0].extensions).toMatchObject({
    code: 'FORBIDDEN',
    role: 'viewer',
  })
})

it('viewers are told what runs models', async () => {
  const query =
    '{ shards(name: "main") { name workers { id kind state versions batches } versions { model copies waitingRows } } }'
  const { data, errors } = await as('viewer', query)
  expect(errors).toBeUndefined()
  const [{ name, workers, versions }] = data.shards
  expect(name).toBe('main')
  expect(workers[0]).toMatchObject({ id: 'main-1', kind: 'THREAD', state: 'IDLE' })
  expect(workers[0].versions).toContain('payment-risk@2')
  const { copies, waitingRows } = versions.find(({ model }: { model: string }) => model === 'payment-risk@2')
  expect({ waitingRows, isHeld: copies >= 1 && copies <= workers.length }).toEqual({
    waitingRows: 0,
    isHeld: true,
  })
  expect((await as('viewer', '{ shards(name: "mian") { name } }')).errors![0].message).toBe(
    'name: must be one of main, got "mian"; did you mean "main"?',
  )
  expect((await as(undefined, query)).errors![0].extensions).toMatchObject({ code: 'FORBIDDEN' })
})

it('one model, one objective, and versions of the rules before a number can be asked for', async () => {
  const change = (rating: string) =>
    `publishRules(rules: "{ objectives: { PREDICT_RATING: { default: ${rating} }, RECOMMEND_TITLES: { default: title-recommender@3 },
      PAYMENT_RISK: { default: payment-risk@3 }, ABUSE_SCORE: { default: abuse-score@2 }, SEARCH_TITLES: { default: title-search@2 } } }") { number }`.replace(
      /\s+/g,
      ' ',
    )
  await as('operator', `mutation { a: ${change('rating-predictor@3')} b: ${change('rating-predictor@2')} }`)
  const { data } = await as(
    'viewer',
    `{ models(model: "payment-risk@2") { name version } none: models(model: "payment-risk@9") { name }
       objectives(name: "PAYMENT_RISK") { name } all: ruleSets { number } ruleSets(limit: 1, before: 3) { number }
       ruleStatus { previous } }`,
  )
  expect(data).toEqual({
    models: [{ name: 'payment-risk', version: '2' }],
    none: [],
    objectives: [{ name: 'PAYMENT_RISK' }],
    all: [{ number: 3 }, { number: 2 }, { number: 1 }],
    ruleSets: [{ number: 2 }],
    ruleStatus: { previous: null },
  })
  await as('operator', 'mutation { activateRules(number: 2, force: true) { done } }')
  expect((await as('viewer', '{ ruleStatus { previous } }')).data.ruleStatus).toEqual({ previous: 1 })
})
