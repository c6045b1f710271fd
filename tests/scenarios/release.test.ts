import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parse } from 'yaml'
import type { ExplainEntry } from '../../lib/request/explain'
import { canonicalJson } from '../../routing/ruleSet/canonicalJson'
import { type Example, startExample } from '../support/example'
import { until } from '../support/until'

/**
 * A researcher releases rating-predictor@4 in the place of @3, without touching code or starting anything again: shadows it,
 * compares, canaries it, tests it in a part of the traffic, widens, and rolls back.
 */

jest.setTimeout(240_000)

const members = Array.from({ length: 400 }, (_, at) => String(at + 1))
const others = `
  RECOMMEND_TITLES: { default: title-recommender@3 }
  PAYMENT_RISK: { default: payment-risk@3 }
  ABUSE_SCORE: { default: abuse-score@2 }
  SEARCH_TITLES: { default: title-search@2 }`

const steps = {
  shadow: `objectives:
  PREDICT_RATING:
    default: rating-predictor@3
    shadow: [{ model: rating-predictor@4, percent: 100, salt: shadow-4 }]${others}`,
  canary: `objectives:
  PREDICT_RATING:
    default: rating-predictor@3
    canary: { of: rating-predictor@3, to: rating-predictor@4, percent: 5, salt: canary-4 }${others}`,
  wider: `objectives:
  PREDICT_RATING:
    default: rating-predictor@3
    canary: { of: rating-predictor@3, to: rating-predictor@4, percent: 20, salt: canary-4 }${others}`,
  test: `objectives:
  PREDICT_RATING:
    rules:
      - name: dach-without-tv
        when: { country: { in: [DE, AT, CH] }, not: { device: tv } }
        use: { experiment: rating-content }
    default: rating-predictor@3${others}
experiments:
  rating-content:
    salt: rating-content-1
    cells:
      - { name: control, percent: 50, use: rating-predictor@3 }
      - { name: content, percent: 50, use: rating-predictor@4 }`,
  all: `objectives:
  PREDICT_RATING: { default: rating-predictor@4 }${others}`,
}

let example: Example

beforeAll(async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'presage-release-')), 'rules.yaml')
  writeFileSync(file, steps.shadow)
  example = await startExample(({ shadows }) => ({ rules: file, shadows: { ...shadows, deadline: 60_000 } }))
})
afterAll(() => example.close())

const ratedTitles = `query ($m: ID!) { member(id: $m) {
  history(first: 3) { stars title { predictedRating(memberId: $m) } } } }`

interface Asked {
  readonly member: string
  readonly explained: ExplainEntry
  /** Predicted less given, in stars. */
  readonly errors: readonly number[]
}

/** Asks for each member what it would give titles that it has rated. Fails where a client notices anything. */
async function askAll(headers: Record<string, string> = {}): Promise<readonly Asked[]> {
  const asked: Asked[] = []
  for (const member of members) {
    const answer = await example.query(
      ratedTitles,
      { m: member },
      { 'x-member': member, 'x-presage-explain': '1', ...headers },
    )
    expect(answer.errors).toBeUndefined()
    const { extensions } = answer as unknown as { extensions: { presage: { predictions: ExplainEntry[] } } }
    expect(extensions.presage.predictions).toHaveLength(1)
    const history: { stars: number; title: { predictedRating: number } }[] = answer.data.member.history
    const errors = history.map(({ stars, title }) => title.predictedRating - stars)
    asked.push({ member, explained: extensions.presage.predictions[0], errors })
  }
  return asked
}

const askedBy = (asked: readonly Asked[], version: number) =>
  asked.filter(({ explained }) => explained.model === `rating-predictor@${version}`)
const membersOf = (asked: readonly Asked[], version: number) =>
  askedBy(asked, version).map(({ member }) => member)

/** Root mean square error, in stars. */
function rmse(asked: readonly Asked[]): number {
  const errors = asked.flatMap((one) => one.errors)
  return Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)
}

/** Whether a draw of so many came out as four standard deviations allow. */
function isShare(count: number, of: number, share: number): boolean {
  return Math.abs(count - of * share) <= 4 * Math.sqrt(of * share * (1 - share))
}

/** Publishes a step's rules and makes them the ones that answer. */
async function release(step: keyof typeof steps): Promise<number> {
  const { store, node } = example.deployment.rules
  const published = await store.publish({
    text: canonicalJson(parse(steps[step])),
    author: 'ada',
    message: step,
  })
  if (published.kind !== 'published') throw new Error(published.kind)
  const { number } = published.version
  for (;;) {
    const head = await store.head()
    if (head.kind !== 'made') throw new Error(head.kind)
    const outcome = await store.activate(number, { expected: head.active?.number ?? null, by: 'ada' })
    if (outcome.kind === 'activated') break
    await wait(10)
  }
  while (node.status().inEffect?.number !== number) await wait(1)
  return number
}

let atFivePercent: readonly string[]

test('in the shadow it answers nobody and is compared with what does', async () => {
  const asked = await askAll()
  expect(membersOf(asked, 3)).toEqual(members)
  expect(rmse(asked)).toBeLessThan(1)
  const query =
    '{ shadowComparisons(objective: "PREDICT_RATING") { answered shadow compared failures { rows } outputs { meanDifference } } }'
  let pair: ({ compared: number } & Record<string, unknown>) | undefined
  // The shadow is asked when this process has little to do, and not for every answer.
  await until(
    async () => {
      const { data } = await example.query(query)
      pair = data.shadowComparisons[0]
      if (pair !== undefined && pair.compared >= 30) return true
      await example.query(ratedTitles, { m: '1' }, { 'x-member': '1' })
      return false
    },
    { everyMs: 100, withinMs: 120_000 },
  )
  expect(pair).toMatchObject({ answered: 'rating-predictor@3', shadow: 'rating-predictor@4', failures: [] })
  const [{ meanDifference }] = pair!['outputs'] as [{ meanDifference: number }]
  expect(meanDifference).toBeGreaterThan(0)
  expect(meanDifference).toBeLessThan(1)
})

test('as a canary it has its share of the members, always the same ones, and rates no worse', async () => {
  const number = await release('canary')
  const asked = await askAll()
  atFivePercent = membersOf(asked, 4)
  expect(isShare(atFivePercent.length, members.length, 0.05)).toBe(true)
  expect(membersOf(await askAll({ 'x-country': 'AT' }), 4)).toEqual(atFivePercent)
  for (const { explained } of asked) {
    const reason = explained.model === 'rating-predictor@4' ? 'canary' : 'default'
    expect(explained).toMatchObject({ ruleSet: number, reason, bucket: expect.any(Number) })
  }
  expect(rmse(askedBy(asked, 4))).toBeLessThan(rmse(askedBy(asked, 3)) + 0.2)
})

test('widened, it moves nobody back', async () => {
  await release('wider')
  const now = membersOf(await askAll(), 4)
  expect(isShare(now.length, members.length, 0.2)).toBe(true)
  expect(now).toEqual(expect.arrayContaining([...atFivePercent]))
})

test('tested by country and device, it answers half of those and none of the others', async () => {
  await release('test')
  const inTest = await askAll({ 'x-country': 'AT', 'x-device': 'phone' })
  expect(isShare(membersOf(inTest, 4).length, members.length, 0.5)).toBe(true)
  for (const { explained } of inTest) {
    expect(explained).toMatchObject({
      reason: 'experiment',
      rule: 'dach-without-tv',
      experiment: 'rating-content',
      cell: explained.model === 'rating-predictor@4' ? 'content' : 'control',
    })
  }
  expect(membersOf(await askAll({ 'x-country': 'AT', 'x-device': 'tv' }), 4)).toEqual([])
  expect(membersOf(await askAll({ 'x-country': 'FR' }), 4)).toEqual([])
})

test('released to all it answers all, and one command takes it back', async () => {
  await release('all')
  const asked = await askAll()
  expect(membersOf(asked, 4)).toEqual(members)
  expect(rmse(asked)).toBeLessThan(1)

  const { store, node } = example.deployment.rules
  expect(await store.rollback({ by: 'ada' })).toMatchObject({ kind: 'rolled back' })
  while (node.status().inEffect?.number !== 4) await wait(1)
  expect(membersOf(await askAll({ 'x-country': 'FR' }), 3)).toEqual(members)
})
