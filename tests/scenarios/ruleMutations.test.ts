import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PresageError } from '../../lib/errors'
import { audience, createSigner, issuer } from '../gateway/tokens'
import { activationKeys } from '../support/auditKeys'
import { type Example, startExample } from '../support/example'
import { yamlBombs } from '../support/yamlBombs'

/** Operators change the rules through the graph, where the configuration allows it. */

const signer = createSigner()
const folder = mkdtempSync(join(tmpdir(), 'presage-mutations-'))
const audit = join(folder, 'log', 'audit.jsonl')
let example: Example

const objectives = `
  RECOMMEND_TITLES: { default: title-recommender@3 }
  PREDICT_RATING: { default: rating-predictor@3 }
  PAYMENT_RISK: { default: payment-risk@3 }
  ABUSE_SCORE: { default: abuse-score@2 }
  SEARCH_TITLES: { default: title-search@2 }
`
const change = 'done says problems warnings number'

async function mutate(
  field: string,
  variables: Record<string, unknown> = {},
  role = 'operator',
  sub: string | undefined = 'ada',
) {
  const authorization = `Bearer ${await signer.sign({ roles: [role], ...(sub !== '' && { sub }) })}`
  const declared = field.includes('$rules') ? '($rules: String!)' : ''
  const query = `mutation ${declared} { change: ${field} { ${change} } }`
  return example.query(query, variables, { authorization })
}
const entries = () =>
  readFileSync(audit, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

beforeAll(async () => {
  example = await startExample(({ trust, server, shards, ruleStore }) => ({
    // Long rules are read in a thread that comes up for them, and gives way to all others.
    server: { ...server, timeout: 60_000 },
    shards: { main: { ...shards.main, workers: 1 } },
    trust: { ...trust, jwt: { issuer, audience, algorithms: ['ES256'], jwks: signer.jwksFile } },
    ruleStore: { ...ruleStore, mutations: true, audit },
  }))
})
afterAll(() => example.close())

it('takes the role operator', async () => {
  const { errors } = await mutate('rollbackRules', {}, 'researcher')
  expect(errors?.[0].extensions).toMatchObject({ code: 'FORBIDDEN', role: 'operator' })
})

it('what is wrong is refused with all problems, in the answer', async () => {
  const { data } = await mutate('publishRules(rules: $rules)', {
    rules: `objectives: {${'\n'}  PREDICT_RATING: { default: rating-predictor@99, use: 4 } }`,
  })
  expect(data.change).toMatchObject({ done: false, number: null })
  expect(data.change.problems).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^objectives.PREDICT_RATING.use: /),
      expect.stringMatching(/^objectives.PREDICT_RATING.default: .*got rating-predictor@99$/),
      expect.stringMatching(/^objectives.PAYMENT_RISK: must have a default/),
    ]),
  )
})

it('what would never be read is refused as well', async () => {
  for (const text of Object.values(yamlBombs)) {
    const { data } = await mutate('publishRules(rules: $rules)', { rules: text })
    expect(data.change).toMatchObject({ done: false, number: null })
    expect(data.change.problems.length).toBeLessThanOrEqual(101)
  }
})

it('an undeclared context key is refused with a suggestion; a shadow without a unit is published with a warning', async () => {
  const withRisk = (rest: string) =>
    `objectives:${objectives.replace(/PAYMENT_RISK: \{ (.*?) \}/, `PAYMENT_RISK: { $1, ${rest} }`)}`
  const { data } = await mutate('publishRules(rules: $rules)', {
    rules: withRisk('rules: [ { name: a, when: { contry: DE }, use: payment-risk@2 } ]'),
  })
  expect(data.change).toMatchObject({
    done: false,
    problems: [
      'objectives.PAYMENT_RISK.rules.0.when.contry: is not a declared context key; did you mean "country"?',
    ],
  })
  const warned = await mutate('publishRules(rules: $rules)', {
    rules: withRisk('shadow: [ { model: payment-risk@2, percent: 100, salt: s } ]'),
  })
  expect(warned.data.change).toMatchObject({
    done: true,
    warnings: [
      'objectives.PAYMENT_RISK.shadow.0: draws nobody: neither it nor PAYMENT_RISK has a unit; write unit: context.member',
    ],
  })
})

it('publish, activate, rollback; each is written down before and after', async () => {
  const published = await mutate('publishRules(rules: $rules, message: "try three")', {
    rules: `objectives:${objectives}`,
  })
  expect(published.data.change).toMatchObject({ done: true, problems: [], warnings: [], number: 3 })
  const current = () => example.deployment.serving.rules.current().number
  expect(current()).toBe(1)
  // Nodes prepare what is newer by themselves; this one has all models already.
  await example.deployment.rules.node.look()
  const conflict = await mutate('activateRules(number: 3, expected: 7)')
  expect(conflict.data.change).toMatchObject({ done: false, number: null })
  const activated = await mutate('activateRules(number: 3, expected: 1)')
  expect(activated.data.change).toMatchObject({ done: true, number: 3, says: 'Version 3 is active, epoch 2' })
  await example.deployment.rules.node.look()
  expect(current()).toBe(3)
  const other = {
    node: 'other',
    inEffect: 3,
    epoch: 2,
    prepared: [3],
    problems: { 1: ['no model'] },
    note: '',
  }
  await example.deployment.rules.store.report(other, 60_000)
  const elsewhere = await mutate('rollbackRules(expected: 3, to: 2)')
  expect(elsewhere.data.change).toMatchObject({
    done: false,
    says: 'Nothing was changed, because a rollback would make a different version active than expected: 1',
  })
  const back = await mutate('rollbackRules(expected: 3, to: 1)')
  expect(back.data.change).toMatchObject({
    done: true,
    number: 1,
    warnings: ['other does not run version 1 and still runs version 3: no model'],
  })
  const told = entries().map(({ event, change: what, done }) => [event, what, done])
  expect(told.slice(-10)).toEqual([
    ['asked', 'publish', undefined],
    ['done', 'publish', true],
    ['asked', 'activate', undefined],
    ['done', 'activate', false],
    ['asked', 'activate', undefined],
    ['done', 'activate', true],
    ['asked', 'rollback', undefined],
    ['done', 'rollback', false],
    ['asked', 'rollback', undefined],
    ['done', 'rollback', true],
  ])
  const [asked, done] = entries().slice(-2)
  expect(asked).toMatchObject({ time: expect.any(String), request: done.request, expected: 3, to: 1 })
  expect((await example.deployment.rules.store.history())[0]).toMatchObject({ message: 'try three' })
})

it('whose token it was is written down, what it allowed where it does not say so, and in the history', async () => {
  await mutate('activateRules(number: 2, expected: 7)')
  expect(Object.keys(entries().at(-2))).toEqual(activationKeys)
  await mutate('activateRules(number: 2, expected: 7)', {}, 'operator', '')
  expect(entries().slice(-4)).toMatchObject([
    { event: 'asked', by: { subject: 'ada' } },
    { event: 'done', by: { subject: 'ada' } },
    { event: 'asked', by: { roles: ['viewer', 'researcher', 'operator'] } },
    { event: 'done', by: { roles: ['viewer', 'researcher', 'operator'] } },
  ])
  const publish = (sub: string) =>
    mutate('publishRules(rules: $rules)', { rules: `objectives:${objectives}` }, 'operator', sub)
  await publish('ada\u001b[31m')
  await publish('')
  const [nobody, ada] = await example.deployment.rules.store.history()
  expect(ada.author).toMatch(/^ada\?\[31m, request \S+$/)
  expect(nobody.author).toMatch(/^somebody with the role operator, request \S+$/)
})

it('a change that fails in the store is written down with the reason, and answered with it', async () => {
  const why = 'the rule store: is read-only'
  const { store } = example.deployment.rules
  const failing = jest.spyOn(store, 'rollback').mockRejectedValue(new PresageError('STORE_UNREACHABLE', why))
  try {
    const { errors } = await mutate('rollbackRules(expected: 1)')
    expect(errors?.[0]).toMatchObject({ message: why, extensions: { code: 'STORE_UNREACHABLE' } })
  } finally {
    failing.mockRestore()
  }
  const [asked, failed] = entries().slice(-2)
  expect(asked).toMatchObject({ event: 'asked', change: 'rollback', expected: 1 })
  expect(failed).toEqual({
    time: expect.any(String),
    event: 'failed',
    request: asked.request,
    change: 'rollback',
    by: { subject: 'ada' },
    says: why,
  })
})

it('a rollback that was made is answered, also where the nodes cannot be asked any more', async () => {
  const { store } = example.deployment.rules
  await mutate('activateRules(number: 2, force: true)')
  const failing = jest.spyOn(store, 'leases').mockRejectedValue(new Error('the rule store: no answer'))
  try {
    const { data, errors } = await mutate('rollbackRules(expected: 2)')
    expect(errors).toBeUndefined()
    expect(data.change).toMatchObject({
      done: true,
      number: 1,
      warnings: ['the nodes cannot be asked: the rule store: no answer'],
    })
  } finally {
    failing.mockRestore()
  }
  expect(entries().at(-1)).toMatchObject({ event: 'done', change: 'rollback', done: true })
})

it('a version that this release cannot read is not explained, and the answer says why', async () => {
  const text = '{"objectives":{"PREDICT_RATING":3}}'
  const outcome = await example.deployment.rules.store.publish({
    text,
    author: 'a later release',
    message: '',
  })
  if (outcome.kind !== 'published') throw new Error(outcome.kind)
  const { number } = outcome.version
  const authorization = `Bearer ${await signer.sign({ roles: ['researcher'] })}`
  const query = `{ explainRoute(objective: "PREDICT_RATING", rules: ${number}) { ruleSet } }`
  const { errors } = await example.query(query, {}, { authorization })
  expect(errors?.[0]).toMatchObject({
    message: expect.stringContaining(
      `rules: version ${number}: objectives.PREDICT_RATING: must be a map with`,
    ),
    extensions: { code: 'BAD_USER_INPUT' },
  })
})

it('a change that was made is answered, though its outcome cannot be written down', async () => {
  const { store } = example.deployment.rules
  const publish = store.publish.bind(store)
  const publishing = jest.spyOn(store, 'publish').mockImplementation((...asked) => {
    rmSync(join(folder, 'log'), { recursive: true })
    writeFileSync(join(folder, 'log'), 'no folder')
    return publish(...asked)
  })
  try {
    const { data } = await mutate('publishRules(rules: $rules)', { rules: `objectives:${objectives}` })
    expect(data.change).toMatchObject({
      done: true,
      warnings: [expect.stringMatching(/^the audit log cannot be written: /)],
    })
  } finally {
    publishing.mockRestore()
  }
})

it('nothing is changed where it cannot be written down', async () => {
  const { errors } = await mutate('activateRules(number: 2)')
  expect(errors?.[0]).toMatchObject({
    message: expect.stringMatching(/^the audit log cannot be written/),
    extensions: { code: 'STORE_UNREACHABLE' },
  })
  const head = await example.deployment.rules.store.head()
  expect(head).toMatchObject({ active: { number: 1 } })
})
