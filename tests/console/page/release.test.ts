import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { packageRoot } from '../../../lib/packagePaths'
import type { ExplainEntry } from '../../../lib/request/explain'
import { audience, createSigner, issuer } from '../../gateway/tokens'
import { axeViolations } from '../../support/axe'
import { type ConsoleBrowser, inBrowser, startConsoleBrowser } from '../../support/consoleBrowser'
import { type Example, startExample } from '../../support/example'
import { until } from '../../support/until'

/**
 * A release, followed and steered in the console: a shadow, a canary of 5 and 20 percent, a bad version, and back. What the page
 * shows equals what the clients of the run were told.
 */

jest.setTimeout(120_000)

const stepMs = 500
const others = `
  RECOMMEND_TITLES: { default: title-recommender@3 }
  PAYMENT_RISK: { default: payment-risk@3 }
  ABUSE_SCORE: { default: abuse-score@2 }
  SEARCH_TITLES: { default: title-search@2 }`
const rulesWith = (own: string) => `objectives:
  PREDICT_RATING:
    default: rating-predictor@3
    ${own}${others}`
const canary = (to: string, percent: number) =>
  rulesWith(`canary: { of: rating-predictor@3, to: ${to}, percent: ${percent}, salt: canary-4 }`)

const signer = createSigner()
const folder = mkdtempSync(join(tmpdir(), 'presage-console-release-'))
const audit = join(folder, 'audit.jsonl')
let example: Example
let browser: ConsoleBrowser
let page: Page

inBrowser('a release in the console', () => {
  beforeAll(async () => {
    const rules = join(folder, 'rules.yaml')
    writeFileSync(rules, rulesWith('shadow: [{ model: rating-predictor@4, percent: 100, salt: shadow-4 }]'))
    writeBadVersion(join(folder, 'repository'))
    example = await startExample(
      ({ repositories, ruleStore, server, shadows, trust }) => ({
        repositories: [...repositories, join(folder, 'repository')],
        rules,
        ruleStore: { ...ruleStore, mutations: true, audit },
        server: { ...server, timeout: 60_000 },
        shadows: { ...shadows, deadline: 60_000, examples: 5 },
        trust: { ...trust, jwt: { issuer, audience, algorithms: ['ES256'], jwks: signer.jwksFile } },
      }),
      { consoleStepMs: stepMs },
    )
    browser = await startConsoleBrowser(example.url)
    page = await browser.open('release/PREDICT_RATING', { token: await operator() })
    await page.getByRole('heading', { name: 'Rules, version 1' }).waitFor()
  })

  afterAll(async () => {
    await browser?.close()
    await example?.close()
    rmSync(folder, { recursive: true })
  })

  it('shows the shadow: who answers, and how the two compare', async () => {
    const asked = await askAll()
    expect(asked.models).toEqual({ 'rating-predictor@3': members.length })
    // The shadow is asked when this process has little to do.
    const isCompared = async () => {
      const { rows = 0, compared } = (await comparison()) ?? {}
      return rows > 0 && compared === rows
    }
    await until(isCompared, { everyMs: 100 })
    await look()
    expect(await leaf('default', 'rating-predictor@3')).toBe(`100 % (${members.length})`)
    const { rows, compared, outputs } = (await comparison())!
    expect(rows).toBeGreaterThan(0)
    const pair = page.getByRole('region', { name: 'rating-predictor@4 in the shadow of rating-predictor@3' })
    expect(await pair.textContent()).toContain(`${rows} rows sent, ${compared} compared`)
    const [{ meanDifference, maxDifference, examples }] = outputs
    const shown = pair.getByRole('row', { name: /^rating / })
    expect(await shown.getByRole('cell').allTextContents()).toEqual([
      String(compared),
      expect.stringMatching(/ %$/),
      figure(meanDifference),
      figure(maxDifference),
      '–',
    ])
    const worst = pair.getByRole('group', { name: 'Rows where rating differs most' })
    expect(await worst.getByRole('row').count()).toBe(1 + examples.length)
    const [{ shadow }] = examples
    expect(
      await worst.getByRole('cell', { name: figure(Number(shadow)), exact: true }).count(),
    ).toBeGreaterThan(0)
  })

  it.each([5, 20])('activates a canary of %i %, and shows who got what', async (percent) => {
    const number = await publish(canary('rating-predictor@4', percent), `canary ${percent} %`)
    await activate(number)
    const asked = await askAll()
    const [old = 0, fresh = 0] = ['rating-predictor@3', 'rating-predictor@4'].map(
      (model) => asked.models[model],
    )
    expect(fresh).toBeGreaterThan(0)
    expect(old + fresh).toBe(members.length)
    await look()
    expect(await leaf('default', 'rating-predictor@3')).toContain(`(${old})`)
    expect(await leaf('default', 'rating-predictor@4')).toContain(`(${fresh})`)
    expect(await leaf('default', 'rating-predictor@4')).toMatch(new RegExp(`^canary, ${percent} % planned`))
    const decisions = page.getByRole('table', { name: 'Decisions and errors' })
    expect(
      await decisions
        .getByRole('row', { name: /^Decisions/ })
        .getByRole('cell')
        .allTextContents(),
    ).toEqual([
      expect.stringMatching(new RegExp(`^${old} \\(`)),
      expect.stringMatching(new RegExp(`^${fresh} \\(`)),
    ])
    expect(await page.getByText('No error within the last hour').count()).toBe(1)
    expect(
      await example.counter('presage_routing_decisions_total', { reason: 'canary' }),
    ).toBeGreaterThanOrEqual(fresh)
  })

  it('lays the outputs of the two versions over each other, with as many answers as there were', async () => {
    const before = await distributions()
    const asked = await askAll()
    await look()
    const rows = page.getByRole('table', { name: 'Outputs' })
    for (const model of ['rating-predictor@3', 'rating-predictor@4']) {
      const answers = (before[model] ?? 0) + asked.rows[model]
      const [shown] = await rows
        .getByRole('row', { name: new RegExp(model) })
        .getByRole('cell')
        .allTextContents()
      expect({ model, shown }).toEqual({ model, shown: answers.toLocaleString('en') })
    }
    expect(await axeViolations(page)).toEqual([])
  })

  it('lets outputs of many digits scroll on a phone', async () => {
    const desk = page.viewportSize()!
    await page.setViewportSize({ width: 375, height: 800 })
    const widen =
      "for (const cell of document.querySelectorAll('[aria-label=Outputs] td')) cell.style.minWidth = '8em'"
    await page.evaluate(widen)
    // The pictures of charts follow the width of the window a frame later.
    await until(async () => Number(await page.evaluate('document.documentElement.scrollWidth')) <= 375)
    await page.setViewportSize(desk)
  })

  it('shows a bad version by its errors, and rolls it back after a question', async () => {
    const number = await publish(canary('rating-predictor@5', 20), 'the next one')
    await activate(number)
    const asked = await askAll()
    const failed = asked.failures['BAD_FEATURE']
    expect(failed).toBeGreaterThan(0)
    await look()
    const errors = page
      .getByRole('table', { name: 'Decisions and errors' })
      .getByRole('row', { name: /^BAD_FEATURE/ })
    expect(await errors.getByRole('cell').allTextContents()).toEqual([
      '0 without an answer',
      `${failed} without an answer`,
    ])
    const outputs = page
      .getByRole('table', { name: 'Outputs' })
      .getByRole('row', { name: /rating-predictor@5/ })
    const [answers] = await outputs.getByRole('cell').allTextContents()
    expect(Number(answers)).toBe(asked.rows['rating-predictor@5'] - failed)

    await page.getByRole('button', { name: `Roll back to version ${number - 1}` }).click()
    const dialog = page.getByRole('dialog', { name: `Roll back to version ${number - 1}` })
    await dialog.getByText('-    to: rating-predictor@5').waitFor()
    expect(await axeViolations(page)).toEqual([])
    expect(await dialog.textContent()).toContain(`takes the place of version ${number} in one process`)
    await dialog.getByRole('button', { name: `Roll back to version ${number - 1}` }).click()
    await dialog.getByText(/^✓ /).waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('heading', { name: `Rules, version ${number - 1}` }).waitFor()

    const again = await askAll()
    expect(again.failures).toEqual({})
    await look()
    expect(await leaf('default', 'rating-predictor@4')).toContain(`(${again.models['rating-predictor@4']})`)
    const changes = readFileSync(audit, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(
      changes.filter(({ event }) => event === 'done').map(({ change, by }) => [change, by.subject]),
    ).toEqual([
      ...[1, 2, 3].flatMap(() => [
        ['publish', 'ada'],
        ['activate', 'ada'],
      ]),
      ['rollback', 'ada'],
    ])
  })

  it('explains by the version that was rolled back too', async () => {
    const path = 'explain/PREDICT_RATING?context.member=36'
    const explained = await browser.open(path, { token: await operator() })
    const answer = explained.getByRole('region', { name: 'A context, typed in' }).getByRole('status')
    const says = (text: string) => until(async () => (await answer.textContent())?.includes(text) ?? false)
    await says('rating-predictor@4 answers PREDICT_RATING')
    const rules = explained.locator('label', { hasText: /^Rules/ }).locator('select')
    await rules.waitFor()
    expect(await rules.locator('option').allTextContents()).toEqual([
      'version 4',
      'version 3, active, in effect here',
      'version 2',
      'version 1',
    ])
    await rules.selectOption('4')
    await says('rating-predictor@5 answers PREDICT_RATING')
    expect(explained.url()).toContain('rules=4')
    await explained.close()
  })

  it('says it where somebody else was faster', async () => {
    const number = await publish(canary('rating-predictor@4', 30), 'later')
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByRole('button', { name: `Activate version ${number}` }).click()
    const { store } = example.deployment.rules
    const head = await store.head()
    if (head.kind !== 'made') throw new Error(head.kind)
    await store.activate(2, { expected: head.active!.number, by: 'bert', force: true })
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: `Activate version ${number}` }).click()
    await dialog.getByText(/^✗ Nothing was changed, .*: 2, by bert$/).waitFor()
    // Another try would expect the same version.
    expect(await dialog.getByRole('button').allTextContents()).toEqual(['Close'])
    expect(await dialog.textContent()).not.toContain('takes the place')
    await dialog.getByRole('button', { name: 'Close' }).click()
  })

  it('rolls back to the version that it shows, or not at all', async () => {
    const { store } = example.deployment.rules
    const go = async (number: number) => {
      const { active } = await store.head()
      await store.activate(number, { expected: active!.number, by: 'bert', force: true })
    }
    await go(1)
    await go(4)
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByRole('button', { name: 'Roll back to version 1' }).click()
    await go(3)
    await go(4)
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Roll back to version 1' }).click()
    await dialog.getByText(/^✗ Nothing was changed, .*: 3$/).waitFor()
    expect(await store.head()).toMatchObject({ active: { number: 4 } })
    await dialog.getByRole('button', { name: 'Close' }).click()
  })

  it('where other rules than the active ones are in effect, it does not count since those became active', async () => {
    const { node, store } = example.deployment.rules
    expect(await page.getByText('The whole hour is counted').count()).toBe(0)
    await store.pin(node.status().node, 1)
    await until(() => node.status().inEffect?.number === 1)
    await look()
    await page.getByText('The whole hour is counted').waitFor()
    const [all] = /\(([\d,]+)\)/.exec(await leaf('default', 'rating-predictor@3'))!.slice(1)
    expect(Number(all.replace(',', ''))).toBeGreaterThan(members.length)
    await store.pin(node.status().node, null)
  })

  it('keeps the buttons of versions in view beside a message that is one long word', async () => {
    const desk = page.viewportSize()!
    const number = await publish(canary('rating-predictor@4', 31), 'W'.repeat(5_000))
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByRole('button', { name: `Activate version ${number}` }).waitFor()
    const table = page.getByRole('group', { name: 'Versions of the rules' })
    expect(await table.evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0)
    // There the table may scroll, but the message is no column of single letters.
    await page.setViewportSize({ width: 375, height: 800 })
    const message = await table.getByText('W'.repeat(5_000)).boundingBox()
    expect(message!.width).toBeGreaterThan(150)
    await page.setViewportSize(desk)
  })

  it('has asked no host but this server, and nothing went wrong', () => {
    expect([...browser.hosts]).toEqual([new URL(example.url).host])
    expect(browser.problems).toEqual([])
  })
})

/** As the page writes numbers. */
const figure = (value: number) => value.toLocaleString('en', { maximumSignificantDigits: 3 })

const members = Array.from({ length: 150 }, (_, at) => String(at + 1))

const operator = () =>
  signer.sign({ roles: ['operator'], sub: 'ada', exp: Math.floor(Date.now() / 1000) + 600 })

interface Asked {
  /** Decisions by version. */
  readonly models: Record<string, number>
  /** Rows by version. */
  readonly rows: Record<string, number>
  /** Rows without an answer, by code. */
  readonly failures: Record<string, number>
}

/** Asks for each member what it would give titles that it has rated, in whole steps of the metrics. */
async function askAll(): Promise<Asked> {
  // A step that began before the rules were active would count for both.
  await wait(2 * stepMs)
  const query = `query ($m: ID!) { member(id: $m) { history(first: 3) { title { predictedRating(memberId: $m) } } } }`
  const authorization = `Bearer ${await operator()}`
  const asked: Asked = { models: {}, rows: {}, failures: {} }
  const count = (of: Record<string, number>, key: string, by: number) => {
    of[key] = (of[key] ?? 0) + by
  }
  for (const member of members) {
    const headers = { 'x-member': member, 'x-presage-explain': '1', authorization }
    const answer = await example.query(query, { m: member }, headers)
    for (const { extensions } of answer.errors ?? []) count(asked.failures, extensions.code, 1)
    const { extensions } = answer as unknown as { extensions: { presage: { predictions: ExplainEntry[] } } }
    const [{ model }] = extensions.presage.predictions as unknown as [{ model: string }]
    count(asked.models, model, 1)
    for (const { rows } of extensions.presage.predictions) count(asked.rows, model, rows)
  }
  await wait(2 * stepMs)
  return asked
}

/** Has the page ask again, and waits until it has. */
async function look(): Promise<void> {
  const answered = page.waitForResponse((response) =>
    response.url().includes('presage_routing_decisions_total'),
  )
  const shadows = page.waitForResponse(
    (response) => response.request().postData()?.includes('shadowComparisons') ?? false,
  )
  const outputs = page.waitForResponse(
    (response) => response.request().postData()?.includes('outputDistributions') ?? false,
  )
  await page.getByRole('button', { name: 'Refresh' }).click()
  for (const response of await Promise.all([answered, shadows, outputs])) await response.finished()
  // By the page's own timer, which is late if the page is.
  await page.evaluate('new Promise((resolve) => setTimeout(resolve, 200))')
}

/** What the tree says beside a version. */
async function leaf(rule: string, model: string): Promise<string> {
  const way = page
    .getByRole('list', { name: 'Rules of PREDICT_RATING, in their order' })
    .locator('> li', { hasText: rule })
  const item = way.getByRole('listitem').filter({ has: page.getByRole('link', { name: model }) })
  return ((await item.textContent()) ?? '').replace(model, '')
}

async function publish(rules: string, message: string): Promise<number> {
  const { data, errors } = await example.query(
    'mutation ($rules: String!, $message: String!) { publishRules(rules: $rules, message: $message) { number says } }',
    { rules, message },
    { authorization: `Bearer ${await operator()}` },
  )
  expect(errors).toBeUndefined()
  return data.publishRules.number
}

/** Activates a version in the page; its models have to be ready first. */
async function activate(number: number): Promise<void> {
  await page.getByRole('button', { name: 'Refresh' }).click()
  await page.getByRole('button', { name: `Activate version ${number}` }).click()
  const dialog = page.getByRole('dialog', { name: `Activate version ${number}` })
  await dialog.getByRole('button', { name: `Activate version ${number}` }).click()
  await until(async () => {
    if (await dialog.getByText(/^✓ /).isVisible()) return true
    // It may be done in the meantime, and then there is no such button.
    if (await dialog.getByText(/^✗ /).isVisible())
      await dialog
        .getByRole('button', { name: 'Try again' })
        .click({ timeout: 1000 })
        .catch(() => {})
    return false
  })
  await page.locator(`[aria-label="Activate version ${number}"]`).waitFor({ state: 'detached' })
  await dialog.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('heading', { name: `Rules, version ${number}` }).waitFor()
  // The button that opened the dialog is gone, which the page may learn after the dialog has closed.
  await until(async () => (await page.evaluate('document.activeElement.textContent')) === 'Release')
}

async function comparison() {
  const query = `{ shadowComparisons(objective: "PREDICT_RATING") { rows compared
    outputs { meanDifference maxDifference examples { shadow } } } }`
  const { data } = await example.query(query, {}, { authorization: `Bearer ${await operator()}` })
  return data.shadowComparisons[0] as
    | {
        rows: number
        compared: number
        outputs: [{ meanDifference: number; maxDifference: number; examples: { shadow: string }[] }]
      }
    | undefined
}

async function distributions(): Promise<Record<string, number>> {
  const query = '{ outputDistributions(objective: "PREDICT_RATING") { model shadow count } }'
  const { data } = await example.query(query, {}, { authorization: `Bearer ${await operator()}` })
  const all = data.outputDistributions as { model: string; shadow: boolean; count: number }[]
  return Object.fromEntries(all.filter(({ shadow }) => !shadow).map(({ model, count }) => [model, count]))
}

/**
 * Version 5: version 4 with another scale of the year, so that newer titles fail and older ones are rated 0.5 or 5. Its one
 * golden case does not show it.
 */
function writeBadVersion(repository: string): void {
  const from = join(packageRoot, 'examples/streaming/movielens/models/rating-predictor/4')
  const to = join(repository, 'models/rating-predictor/5')
  mkdirSync(to, { recursive: true })
  cpSync(from, to, { recursive: true })
  const manifest = readFileSync(join(from, 'model.yaml'), 'utf8')
  writeFileSync(
    join(to, 'model.yaml'),
    manifest
      .replace('version: "4"', 'version: "5"')
      .replace('fill: 1997, offset: 1900, scale: 10 }', 'fill: 1900, offset: 1900, scale: 2.6e-37 }'),
  )
  const input = { memberId: -1, titleId: -1, genres: [], year: 1900 }
  writeFileSync(
    join(to, 'golden.json'),
    JSON.stringify({ tolerance: 9, cases: [{ input, output: { rating: 3 } }] }),
  )
}
