import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../cli/config/config'
import { toMilliseconds } from '../../lib/files/shapes'
import { audience, createSigner, issuer } from '../gateway/tokens'
import { type Example, startExample } from '../support/example'

/** Clients that carry their payloads themselves ask where to bring them. */

const rules = `
message: Who is asked by those who ask themselves
objectives:
  RECOMMEND_TITLES: { default: title-recommender@3 }
  PREDICT_RATING:
    rules:
      - { name: television, when: { device: tv }, use: rating-predictor@1 }
      - { name: content-test, when: { country: FR }, use: { experiment: rating-content } }
    default: rating-predictor@3
    fallback: [rating-predictor@1, { constant: { rating: 3.5 } }]
    limits: { deadline: 15s }
  PAYMENT_RISK: { default: payment-risk@3 }
  ABUSE_SCORE: { default: abuse-score@2 }
  SEARCH_TITLES:
    rules:
      - { name: short, when: { input.text: { prefix: the } }, use: title-search@1 }
    default: title-search@2
placement: { title-search: [main, text] }
experiments:
  rating-content:
    salt: rating-content-1
    cells:
      - { name: control, percent: 50, use: rating-predictor@2 }
      - { name: content, percent: 50, use: rating-predictor@4 }
`
const file = join(mkdtempSync(join(tmpdir(), 'presage-routes-')), 'rules.yaml')
writeFileSync(file, rules)

let example: Example

const shards = ({ shards: { main } }: Pick<Config, 'shards'>) => ({
  rules: file,
  shards: { main: { ...main, workers: 1 }, text: { ...main, workers: 1 } },
})

async function resolve(body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(example.url.replace('/graphql', '/v1/routes:resolve'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  // biome-ignore lint/suspicious/noExplicitAny: a route or errors, each looked at by the test that asked for it
  const answer = (await response.json()) as any
  const [error] = answer.errors ?? []
  return { status: response.status, answer, error: error && [error.extensions.code, error.message] }
}

describe('on loopback', () => {
  beforeAll(async () => {
    // As it is read, it is no whole number.
    const routes = { lifetime: toMilliseconds('16.1s') }
    example = await startExample((config) => ({ ...shards(config), routes }))
  })
  afterAll(() => example.close())

  it('a route says where, by which rules, what to keep to, and for how long', async () => {
    const { rules: book } = example.deployment.serving
    const { status, answer } = await resolve({ objective: 'PREDICT_RATING' }, { 'x-country': 'US' })
    expect(status).toBe(200)
    expect(answer).toEqual({
      objective: 'PREDICT_RATING',
      routingKey: 'rating-predictor@3@main',
      model: 'rating-predictor@3',
      shard: 'main',
      ruleSet: { number: book.current().number, sha256: book.current().sha256 },
      configuration: {
        deadlineMs: 15_000,
        inputs: expect.arrayContaining([{ name: 'memberId', type: 'ID', nullable: false }]),
        outputs: [{ name: 'rating', type: 'Float' }],
        fallbacks: [
          { routingKey: 'rating-predictor@1@main', model: 'rating-predictor@1', shard: 'main' },
          { constant: { rating: 3.5 } },
        ],
      },
      expiresInMs: 16_100,
      decision: {
        objective: 'PREDICT_RATING',
        model: 'rating-predictor@3',
        shard: 'main',
        reason: 'default',
      },
    })
  })

  it.each([
    ['of the headers', {}, { 'x-country': 'FR', 'x-member': '12' }],
    ['of the body', { country: 'FR', member: 12 }, {}],
    ['of both, where the body wins', { country: 'FR' }, { 'x-country': 'US', 'x-member': '12' }],
  ])('the context is that %s', async (_, context, headers) => {
    const { answer } = await resolve(
      { objective: 'PREDICT_RATING', context },
      headers as Record<string, string>,
    )
    expect(answer.routingKey).toBe('rating-predictor@4@main')
    expect(answer.decision).toMatchObject({ experiment: 'rating-content', cell: 'content', bucket: 923_893 })
  })

  it('the inputs are those of the version, by its own names', async () => {
    const inputsOf = async (objective: string) =>
      (await resolve({ objective }, { 'x-country': 'US' })).answer.configuration.inputs
    // Version 3 does not look at the year and the genres that the objective has.
    expect(await inputsOf('PREDICT_RATING')).toEqual([
      { name: 'memberId', type: 'ID', nullable: false },
      { name: 'titleId', type: 'ID', nullable: false },
    ])
    expect(await inputsOf('RECOMMEND_TITLES')).toContainEqual({
      name: 'history',
      type: '[ID!]',
      nullable: false,
      input: 'likedTitleIds',
    })
    const query =
      '{ resolveRoute(objective: "RECOMMEND_TITLES") { configuration { inputs { name input } } } }'
    const { data } = await example.query(query)
    expect(data.resolveRoute.configuration.inputs).toContainEqual({ name: 'history', input: 'likedTitleIds' })
  })

  it('a null takes away what the request brings', async () => {
    const { answer } = await resolve(
      { objective: 'PREDICT_RATING', context: { country: null } },
      { 'x-country': 'FR', 'x-member': '12' },
    )
    expect(answer.decision.reason).toBe('default')
  })

  it('a route is the way that a field goes for the same request', async () => {
    const headers = { 'x-country': 'FR', 'x-member': '13', 'x-presage-explain': '1' }
    const query = '{ titles(first: 1) { predictedRating(memberId: "13") } }'
    const field = (await example.query(query, {}, headers)) as unknown as {
      extensions: { presage: { predictions: readonly Record<string, unknown>[] } }
    }
    const { answer } = await resolve({ objective: 'PREDICT_RATING' }, headers)
    expect(field.extensions.presage.predictions[0]).toMatchObject(answer.decision)
  })

  it('an objective that decides by row needs the inputs of one', async () => {
    const without = await resolve({ objective: 'SEARCH_TITLES' })
    expect([without.status, without.answer]).toEqual([
      200,
      { objective: 'SEARCH_TITLES', error: 'NEEDS_INPUTS' },
    ])
    const { answer } = await resolve({ objective: 'SEARCH_TITLES', inputs: { text: 'the matrix' } })
    expect(answer.routingKey).toBe('title-search@1@main')
    const elsewhere = await resolve({ objective: 'SEARCH_TITLES', inputs: { text: 'alien' }, shard: 'text' })
    expect(elsewhere.answer.routingKey).toBe('title-search@2@text')
  })

  it('where the chosen version is not ready, a fallback that is says whom it stands in for, and not for long', async () => {
    const { registry } = example.deployment.serving
    const status = registry.get('rating-predictor@3')!
    registry.set({ ...status, state: { is: 'refused', reason: 'for the test' } })
    const { answer } = await resolve({ objective: 'PREDICT_RATING' })
    registry.set(status)
    expect(answer).toMatchObject({
      routingKey: 'rating-predictor@1@main',
      fallback: { of: 'rating-predictor@3', code: 'MODEL_NOT_READY' },
      expiresInMs: 1_000,
      configuration: { fallbacks: [{ constant: { rating: 3.5 } }] },
    })
  })

  it('without any that is, the route is refused in the name of the chosen one', async () => {
    const { registry } = example.deployment.serving
    const status = registry.get('abuse-score@2')!
    registry.set({ ...status, state: { is: 'refused', reason: 'for the test' } })
    const refused = await resolve({ objective: 'ABUSE_SCORE' })
    registry.set(status)
    expect([refused.status, refused.error]).toEqual([
      503,
      ['MODEL_NOT_READY', 'abuse-score@2 is not ready: it is not fit to serve'],
    ])
  })

  it.each([
    [{}, 'body.objective: must be a name, got nothing'],
    [[], 'body: must be a map with the keys objective, context, inputs, shard, got []'],
    [{ objective: 'X', who: 1 }, 'body.who: is not one of the keys objective, context, inputs, shard'],
    [
      { objective: 'constructor' },
      'objective: must be one that has rules (ABUSE_SCORE, PAYMENT_RISK, PREDICT_RATING, RECOMMEND_TITLES, SEARCH_TITLES), got "constructor"',
    ],
    [
      { objective: 'PREDICT_RATING', shard: 'moon' },
      'shard: must be one of this deployment (main, text), got "moon"',
    ],
    [{ objective: 'PREDICT_RATING', shard: 'text' }, 'shard: rating-predictor@3 is on main, got "text"'],
    [
      { objective: 'PREDICT_RATING', context: { town: 'Ulm' } },
      'context: must have keys of the configuration, got town; known: member, country, device, surface',
    ],
    [
      { objective: 'PREDICT_RATING', context: { contry: 'FR' } },
      'context: must have keys of the configuration, got contry; did you mean "country"?',
    ],
    [
      { objective: 'PREDICT_RATING', context: { country: ['FR'] } },
      'context: country must be text, got ["FR"]',
    ],
    [
      { objective: 'PREDICT_RATING', context: 'FR' },
      'body.context: must be an object of values by name, got "FR"',
    ],
    [
      { objective: 'PREDICT_RATING', context: JSON.parse('{ "__proto__": "FR" }') },
      'context: must have keys of the configuration, got __proto__; known: member, country, device, surface',
    ],
    [
      { objective: 'SEARCH_TITLES', inputs: JSON.parse('{ "__proto__": "war" }') },
      'inputs: must be inputs of SEARCH_TITLES (text, limit), got "__proto__"',
    ],
    [
      { objective: 'PREDICT_RATING', context: { member: 2 ** 53 } },
      'context: member must be written as text if it is a whole number beyond 2^53 - 1, got 9007199254740992',
    ],
    [
      { objective: 'SEARCH_TITLES', inputs: { year: 3 } },
      'inputs: must be inputs of SEARCH_TITLES (text, limit), got "year"',
    ],
    [
      { objective: 'SEARCH_TITLES', inputs: { text: 'war', limit: '3' } },
      'inputs: limit must be a whole number, got "3"',
    ],
  ])('%j is refused', async (body, message) => {
    const { status, error } = await resolve(body)
    expect([status, error]).toEqual([400, ['BAD_USER_INPUT', message]])
  })

  it('Explain refuses a shard on which the version is not, too', async () => {
    const { errors } = await example.query(
      '{ explainRoute(objective: "PREDICT_RATING", shard: "text") { ruleSet } }',
    )
    expect(errors?.[0]).toMatchObject({
      message: 'shard: rating-predictor@3 is on main, got "text"',
      extensions: { code: 'BAD_USER_INPUT' },
    })
  })

  it('the graph answers the same', async () => {
    const query = `query ($c: JSON) { resolveRoute(objective: "PREDICT_RATING", context: $c) {
      objective error routingKey model shard ruleSet { number sha256 } expiresInMs fallback { of code }
      configuration {
        deadlineMs
        inputs { name type nullable required default range maxLength }
        outputs { name type description }
        fallbacks { routingKey constant }
      }
      decision { reason rule cell bucket } } }`
    const context = { country: 'FR', member: '12' }
    const { answer } = await resolve({ objective: 'PREDICT_RATING', context })
    const { data } = await example.query(query, { c: context })
    const shown = `{
      objectives { name outputs { name type description } }
      models(model: "rating-predictor@4") { features { name type nullable required default range maxLength } }
    }`
    const { objectives, models } = (await example.query(shown)).data
    const objective = objectives.find(({ name }: { name: string }) => name === 'PREDICT_RATING')
    expect(models[0].features).not.toEqual([])
    expect(data.resolveRoute).toMatchObject({
      objective: 'PREDICT_RATING',
      error: null,
      routingKey: answer.routingKey,
      ruleSet: answer.ruleSet,
      expiresInMs: answer.expiresInMs,
      fallback: null,
      decision: { reason: 'experiment', rule: 'content-test', cell: 'content', bucket: 923_893 },
    })
    expect(data.resolveRoute.configuration).toMatchObject({
      deadlineMs: 15_000,
      inputs: models[0].features,
      outputs: objective.outputs,
      fallbacks: [{ routingKey: 'rating-predictor@1@main', constant: null }, { constant: { rating: 3.5 } }],
    })
    const needs = await example.query('{ resolveRoute(objective: "SEARCH_TITLES") { error routingKey } }')
    expect(needs.data.resolveRoute).toEqual({ error: 'NEEDS_INPUTS', routingKey: null })
    const unknown = await example.query('{ resolveRoute(objective: "NOBODY") { routingKey } }')
    expect(unknown.errors?.[0].extensions.code).toBe('BAD_USER_INPUT')
  })
})

describe('with tokens', () => {
  const signer = createSigner()
  const bearer = async (...roles: string[]) => ({ authorization: `Bearer ${await signer.sign({ roles })}` })

  beforeAll(async () => {
    example = await startExample(({ trust, ...config }) => ({
      ...shards(config),
      trust: { ...trust, jwt: { issuer, audience, algorithms: ['ES256'], jwks: signer.jwksFile } },
    }))
  })
  afterAll(() => example.close())

  it('anybody states what anybody may set by a header, and learns where to go, but not why', async () => {
    const { answer } = await resolve({ objective: 'PREDICT_RATING', context: { device: 'tv' } })
    expect(answer.routingKey).toBe('rating-predictor@1@main')
    expect(answer).not.toHaveProperty('decision')
    const asViewer = await resolve(
      { objective: 'PREDICT_RATING', context: { device: 'tv' } },
      await bearer('viewer'),
    )
    expect(asViewer.answer.decision.rule).toBe('television')
  })

  it('only researchers state what else the edge says, or everybody could choose a cell', async () => {
    const question = { objective: 'PREDICT_RATING', context: { country: 'FR', member: '12' } }
    for (const headers of [{}, await bearer('viewer')]) {
      const { status, error } = await resolve(question, headers as Record<string, string>)
      expect([status, error]).toEqual([
        403,
        [
          'FORBIDDEN',
          'context.country: comes from a header that the edge sets; stating it here needs the role researcher',
        ],
      ])
    }
    const { answer } = await resolve(question, await bearer('researcher'))
    expect(answer.routingKey).toBe('rating-predictor@4@main')
  })

  it('an override counts as it does for fields', async () => {
    const wish = { 'x-presage-override': 'PREDICT_RATING=rating-predictor@2' }
    const keyOf = async (headers: Record<string, string>) =>
      (await resolve({ objective: 'PREDICT_RATING' }, { ...wish, ...headers })).answer.routingKey
    expect(await keyOf({})).toBe('rating-predictor@3@main')
    expect(await keyOf(await bearer('researcher'))).toBe('rating-predictor@2@main')
  })

  it('an override that was not taken is told, with the reason', async () => {
    const wish = {
      'x-presage-override': 'PREDICT_RATING=rating-predictor@99',
      ...(await bearer('researcher')),
    }
    const { answer } = await resolve({ objective: 'PREDICT_RATING' }, wish)
    expect(answer).toMatchObject({
      routingKey: 'rating-predictor@3@main',
      ignoredOverride: { model: 'rating-predictor@99', why: 'the repository has no such version' },
    })
  })

  it('in the graph, the extensions tell it as they do for predictions', async () => {
    const query = '{ to: resolveRoute(objective: "PREDICT_RATING") { routingKey } }'
    const ask = async (model: string, headers: Record<string, string> = {}) =>
      (await example.query(
        query,
        {},
        {
          'x-presage-override': `PREDICT_RATING=${model}`,
          ...(await bearer('researcher')),
          ...headers,
        },
      )) as { readonly data: unknown; readonly extensions?: unknown }
    expect(await ask('rating-predictor@2')).toEqual({
      data: { to: { routingKey: 'rating-predictor@2@main' } },
    })
    const ignored = { model: 'rating-predictor@99', why: 'the repository has no such version' }
    expect(await ask(ignored.model)).toEqual({
      data: { to: { routingKey: 'rating-predictor@3@main' } },
      extensions: { presage: { ignoredOverrides: [{ objective: 'PREDICT_RATING', ...ignored }] } },
    })
    expect((await ask(ignored.model, { 'x-presage-explain': '1' })).extensions).toMatchObject({
      presage: {
        predictions: [
          { path: 'to', rows: 1, field: 'Query.resolveRoute', reason: 'default', ignoredOverride: ignored },
        ],
      },
    })
  })
})
