import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Page, Request } from 'playwright-core'
import { Increases } from '../../../console/history/increases'
import { MetricHistory } from '../../../console/history/metricHistory'
import { readQuestion } from '../../../console/metrics/question'
import { createPrometheusMetrics } from '../../../telemetry/prometheus'
import { axeViolations } from '../../support/axe'
import { type ConsoleBrowser, inBrowser, startConsoleBrowser } from '../../support/consoleBrowser'
import { type Example, startExample } from '../../support/example'
import { FakeClock } from '../../support/fakeClock'
import { until } from '../../support/until'

/** Each view of the console on the example, as somebody sees it who may read and try everything. */

jest.setTimeout(120_000)

const rules = `
message: German-speaking countries try version 4
objectives:
  RECOMMEND_TITLES: { default: title-recommender@3 }
  PREDICT_RATING:
    rules:
      - name: dach-without-tv
        when: { country: { in: [DE, AT, CH] }, not: { device: tv } }
        use: { experiment: rating-content }
      - { name: kids, when: { surface: kids }, use: rating-predictor@2 }
    default: rating-predictor@3
    canary: { of: rating-predictor@3, to: rating-predictor@4, percent: 20, salt: canary-4 }
    shadow: [{ model: rating-predictor@4, percent: 100, salt: shadow-4 }]
  PAYMENT_RISK: { default: payment-risk@3 }
  ABUSE_SCORE: { default: abuse-score@2 }
  SEARCH_TITLES: { default: title-search@2 }
experiments:
  rating-content:
    salt: rating-content-1
    cells:
      - { name: control, percent: 50, use: rating-predictor@3 }
      - { name: content, percent: 50, use: rating-predictor@4 }
`
const views = [
  'overview',
  'release/PREDICT_RATING',
  'explain/PREDICT_RATING?context.country=DE&context.member=12',
  'models',
  'models/payment-risk@3',
  'objectives',
  'objectives/PREDICT_RATING',
]

const screenshots = process.env['PRESAGE_SCREENSHOTS']

/** What the page asks the server. */
const questions = /\/graphql$|\/console\//

let example: Example
let browser: ConsoleBrowser

inBrowser('the views of the console', () => {
  beforeAll(async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'presage-console-')), 'rules.yaml')
    writeFileSync(file, rules)
    example = await startExample(
      ({ shadows, server }) => ({
        rules: file,
        shadows: { ...shadows, deadline: 10_000, examples: 5 },
        server: { ...server, timeout: 60_000 },
      }),
      { consoleStepMs: 500 },
    )
    browser = await startConsoleBrowser(example.url)
    const turns = screenshots === undefined ? 3 : 60
    for (let turn = 0; turn < turns; turn++) {
      for (let again = 0; again < 1 + (turn % 7); again++) await ask()
      await wait(500)
    }
  })

  // A page that stays open asks and draws on, beside the tests that follow.
  afterEach(() => browser?.closePages())
  afterAll(async () => {
    await browser?.close()
    await example?.close()
  })

  describe.each([
    ['on a desk', 1280, ['light', 'dark']],
    ['on a phone', 375, ['dark', 'light']],
  ] as const)('%s', (name, width, schemes) => {
    it.each(views)(
      '%s: axe finds nothing, light and dark, and nothing is wider than the window',
      async (view) => {
        const page = await browser.open(view, { width, dark: schemes[0] === 'dark' })
        await settled(page)
        for (const scheme of schemes) {
          await page.emulateMedia({ colorScheme: scheme })
          expect({ scheme, violations: await axeViolations(page) }).toEqual({ scheme, violations: [] })
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
          await photograph(page, `${scheme} ${name}`, view)
        }
      },
    )
  })

  it.each(['release/PREDICT_RATING', 'models/rating-predictor@4', 'objectives/PREDICT_RATING'])(
    '%s: long names and words fit into a phone',
    async (view) => {
      const page = await browser.open(view, { width: 375 })
      const name = `rating-predictor-${'of-the-nightly-pipeline-'.repeat(5)}`
      const word = `https://${'example.'.repeat(20)}com/${'W'.repeat(200)}`
      await page.route('**/graphql', async (route) => {
        const response = await route.fetch()
        const text = (await response.text()).replaceAll('rating-predictor@', `${name}@`)
        await route.fulfill({ response, body: text.replaceAll('"description":"', `"description":"${word} `) })
      })
      await page.reload()
      await page.getByText(name).or(page.getByText(word)).first().waitFor()
      await settled(page)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(375)
    },
  )

  it('the overview shows what was decided, and for each chart its numbers as a table', async () => {
    const page = await browser.open('overview')
    const table = page.getByRole('table', { name: 'Predictions a second, by objective and version' })
    await table.getByRole('row', { name: /^PAYMENT_RISK payment-risk@3/ }).waitFor()
    const figure = page.getByRole('figure', { name: 'Memory' })
    await figure.getByText('Every step as a table').click()
    const steps = figure.getByRole('group', { name: 'Memory, every step' }).getByRole('row')
    await steps.nth(2).waitFor()
    expect(await steps.nth(1).getByRole('cell').first().textContent()).toMatch(/^[\d.]+ MiB$/)
  })

  it('the batch size of the version with the most rows is shown, though others are called more often', async () => {
    const metrics = createPrometheusMetrics()
    const clock = new FakeClock()
    const history = new MetricHistory({ increases: new Increases(metrics), clock })
    const count = (model: string, rows: number, calls: number) => {
      const labels = { model, version: '1', shard: 'main' }
      metrics.counter('presage_inference_count_total', 'help', labels).inc(rows)
      metrics.counter('presage_inference_exec_count_total', 'help', labels).inc(calls)
    }
    count('large', 1000, 2)
    for (let at = 0; at < 10; at++) count(`small-${at}`, 50 - at, 50 - at)
    clock.advance(10_000)
    history.dispose()
    const page = await browser.open('models')
    await page.route('**/console/metrics?*', async (route) =>
      route.fulfill({
        json: await history.answer(readQuestion(new URL(route.request().url()).searchParams)),
      }),
    )
    await page.evaluate("location.hash = '#/overview'")
    const rows = page.getByRole('table', { name: 'Batch size, by version' }).getByRole('row')
    await rows.nth(1).waitFor()
    expect(await rows.count()).toBe(1 + 8)
    expect(await rows.nth(1).textContent()).toContain('large@1500500500')
  })

  it('explain lights up the path of a context that is typed in, and says why other rules did not match', async () => {
    const page = await browser.open('explain/PREDICT_RATING')
    await page.getByLabel('surface').fill('kids')
    await page.getByRole('button', { name: 'Explain', exact: true }).click()
    const tree = page.getByRole('list', { name: 'Rules of PREDICT_RATING, in their order' })
    const lit = tree.locator('[aria-current=true]')
    await lit.getByText('rating-predictor@2').waitFor()
    expect(await tree.textContent()).toMatch(
      /dach-without-tv.*✗ did not match.*country.*got nothing.*kids.*✓ matched/,
    )
    expect(page.url()).toContain('context.surface=kids')
    await page.getByLabel('surface').fill('')
    await page.getByLabel('country').fill('AT')
    await page.getByLabel('member', { exact: true }).fill('12')
    await page.getByRole('button', { name: 'Explain', exact: true }).click()
    await page.getByText('as cell content of experiment rating-content').waitFor()
    expect(await lit.textContent()).toContain('cell content')
    await page.reload()
    await page.getByText('as cell content of experiment rating-content').waitFor()
  })

  it('the fields of explain follow the address, by links and by the way back and forward', async () => {
    const page = await browser.open('explain/PREDICT_RATING?context.member=4&context.country=AT')
    const field = (name: string) => page.getByLabel(name, { exact: true })
    const shows = async (member: string, country: string) => {
      await until(async () => (await field('member').inputValue()) === member)
      expect(await field('country').inputValue()).toBe(country)
    }
    await shows('4', 'AT')
    await page.goto(new URL('/console#/explain/PREDICT_RATING?context.member=12', example.url).href)
    await shows('12', '')
    await field('country').fill('typed and left')
    await page.goBack()
    await shows('4', 'AT')
    await page.goForward()
    await shows('12', '')
    await page.getByRole('button', { name: 'Explain', exact: true }).click()
    await page.getByText(/^rating-predictor@\d answers PREDICT_RATING/).waitFor()
    expect(new URL(page.url()).hash).toBe('#/explain/PREDICT_RATING?context.member=12')
  })

  it('explain keeps the context for another objective, asked or only typed, and asks for the inputs of one', async () => {
    const page = await browser.open('explain/PREDICT_RATING?context.country=AT&input.memberId=12')
    const field = (name: string) => page.getByLabel(name, { exact: true })
    await field('member').fill('12')
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.postData() ?? ''))
    await page
      .locator('label', { hasText: /^Objective/ })
      .locator('select')
      .selectOption('PAYMENT_RISK')
    await page.getByText(/^payment-risk@3 answers PAYMENT_RISK/).waitFor()
    expect(new URL(page.url()).hash).toBe('#/explain/PAYMENT_RISK?context.country=AT')
    expect(await field('country').inputValue()).toBe('AT')
    expect(await field('member').inputValue()).toBe('12')
    const ofInputs = asked.filter((body) => body.includes('inputs {'))
    expect(ofInputs.map((body) => JSON.parse(body).variables)).toEqual([{ name: 'PAYMENT_RISK' }])
  })

  it('explain refuses a key of an address that is not declared, until somebody asks by the fields', async () => {
    const page = await browser.open('explain/PREDICT_RATING?context.contry=DE&context.member=12')
    await page.getByText('got contry; did you mean "country"?').waitFor()
    await page.getByRole('button', { name: 'Explain', exact: true }).click()
    await page.getByText(/^rating-predictor@\d answers PREDICT_RATING/).waitFor()
    expect(await page.getByText('contry').count()).toBe(0)
  })

  it('explain says so where an address names no version of the rules', async () => {
    for (const rules of ['abc', '99999999999']) {
      const page = await browser.open(`explain/PREDICT_RATING?rules=${rules}`)
      await page.getByText(`There is no version ${rules} of the rules.`).waitFor()
      await page.close()
    }
  })

  it.each([999, 99999999999])(
    'explain says so where the store has no version %i that is pasted',
    async (ruleSet) => {
      const page = await browser.open('explain/PREDICT_RATING')
      const entry = { path: 'a', objective: 'PREDICT_RATING', ruleSet, model: 'rating-predictor@3' }
      await page
        .getByLabel('Answer, or its extensions, as JSON')
        .fill(JSON.stringify({ ...entry, reason: 'default' }))
      const drawn = page.getByRole('region', { name: 'a', exact: true })
      await drawn.getByText('The store does not have these rules any more').waitFor()
    },
  )

  it.each(['release', 'explain'])('%s of a graph without objectives says how to add one', async (view) => {
    const page = await browser.open('models')
    await page.route('**/graphql', (route) =>
      /ObjectiveNames|Explainable/.test(route.request().postData() ?? '')
        ? route.fulfill({ json: { data: { objectives: [], contextKeys: [] } } })
        : route.continue(),
    )
    await page.evaluate(`location.hash = '#/${view}'`)
    await page.getByText('This graph has no objectives.').waitFor()
    expect(await page.getByText('There is no objective').count()).toBe(0)
  })

  it('explain draws the explanation of a live request that is pasted', async () => {
    const answer = await example.query(
      '{ titles(first: 3) { predictedRating(memberId: "12") } }',
      {},
      { 'x-member': '12', 'x-country': 'FR', 'x-presage-explain': '1' },
    )
    const { extensions } = answer as unknown as {
      extensions: {
        presage: { predictions: { path: string; model: string; worker: string; ruleSet: number }[] }
      }
    }
    const [told] = extensions.presage.predictions
    const page = await browser.open('explain/PAYMENT_RISK')
    await page.getByLabel('Answer, or its extensions, as JSON').fill(JSON.stringify(answer))
    const drawn = page.getByRole('region', { name: told.path })
    await drawn.locator('[aria-current=true]').getByText(told.model).waitFor()
    expect(await drawn.textContent()).toContain(`by version ${told.ruleSet} of the rules`)
    expect(await drawn.textContent()).toContain(String(told.worker))
    await page.getByLabel('Answer, or its extensions, as JSON').fill('{ "data": {} }')
    await page.getByText('It has no explanation').waitFor()
  })

  it.each([
    [
      { fallback: { by: 'rating-predictor@1', code: 'MODEL_NOT_READY' } },
      'was chosen for PREDICT_RATING on main, by default, by version 1 of the rules. ' +
        'rating-predictor@1 answered instead (MODEL_NOT_READY).',
    ],
    [{ fallback: { by: 'constant', code: 'OVERLOADED' } }, 'A constant answered instead (OVERLOADED).'],
    [
      { error: 'BAD_FEATURE' },
      'was chosen for PREDICT_RATING on main, by default, by version 1 of the rules. There is no answer (BAD_FEATURE).',
    ],
  ])('explain does not say that the chosen version answers where it did not: %j', async (ended, says) => {
    const page = await browser.open('explain/PREDICT_RATING')
    const entry = { path: 'a', objective: 'PREDICT_RATING', ruleSet: 1, model: 'rating-predictor@3' }
    await page
      .getByLabel('Answer, or its extensions, as JSON')
      .fill(JSON.stringify({ ...entry, shard: 'main', reason: 'default', ...ended }))
    const drawn = page.getByRole('region', { name: 'a', exact: true })
    await drawn.locator('[aria-current=true]').getByText('rating-predictor@3').waitFor()
    const text = (await drawn.textContent()) ?? ''
    expect(text).toContain(says)
    expect(text).not.toContain('answers')
  })

  it('explain asks once for the rules that decided all of a pasted answer', async () => {
    const page = await browser.open('explain/PAYMENT_RISK')
    await settled(page)
    let count = 0
    page.on('request', (request) => {
      if ((request.postData() ?? '').includes('query Rules')) count++
    })
    const entries = Array.from({ length: 100 }, (_, at) => ({
      path: `p${at}`,
      objective: 'PREDICT_RATING',
      ruleSet: 1,
      model: 'rating-predictor@3',
      reason: 'default',
    }))
    await page.getByLabel('Answer, or its extensions, as JSON').fill(JSON.stringify(entries))
    const drawn = page.getByRole('region', { name: 'p99', exact: true })
    await drawn.locator('[aria-current=true]').getByText('rating-predictor@3').waitFor()
    expect(count).toBe(1)
  })

  it('explain tells of an error that came before a decision', async () => {
    const page = await browser.open('explain/PREDICT_RATING')
    const entries = [
      { path: 'a', objective: 'PREDICT_RATING', error: 'BAD_FEATURE' },
      { path: 'b', model: 'rating-predictor@3', error: 'MODEL_NOT_READY' },
    ]
    await page.getByLabel('Answer, or its extensions, as JSON').fill(JSON.stringify(entries))
    const said = async (path: string) => {
      const drawn = page.getByRole('region', { name: path, exact: true })
      return drawn.getByText('There is no answer').textContent()
    }
    expect(await said('a')).toBe(
      'No version was chosen for PREDICT_RATING. There is no answer (BAD_FEATURE).',
    )
    expect(await said('b')).toBe(
      'rating-predictor@3 was chosen for the field: no rules decided. There is no answer (MODEL_NOT_READY).',
    )
  })

  it('models are found by a filter, which the address keeps', async () => {
    const page = await browser.open('models')
    await page.getByText('14 versions').waitFor()
    await page.getByLabel('Name, objective, owner or reason').fill('payments')
    await page.getByText('3 versions').waitFor()
    expect(page.url()).toContain('filter=payments')
    await page.getByRole('link', { name: 'payment-risk@2' }).click()
    await page.getByRole('heading', { name: 'payment-risk@2' }).waitFor()
  })

  it('a card tells all that the graph knows of a version, and a form of its features tries it', async () => {
    const { data } = await example.query(
      '{ models(model: "payment-risk@3") { sha256 licence goldenCases metrics { name value } features { name } } }',
    )
    const [model] = data.models
    const page = await browser.open('models/payment-risk@3')
    await page.getByRole('heading', { name: 'payment-risk@3' }).waitFor()
    const text = (await page.getByRole('main').textContent()) ?? ''
    for (const part of [
      model.sha256,
      model.licence,
      String(model.goldenCases),
      String(model.metrics[0].value),
    ])
      expect(text).toContain(part)
    for (const { name } of model.features)
      expect(await page.getByLabel(name, { exact: true }).count()).toBe(1)
    const row = { seniority: 3, time: 60, age: 32, records: 'no', expenses: 50, amount: 1100, price: 1226 }
    await page.getByLabel('seniority').fill('three')
    await page.getByText('must be a number').waitFor()
    for (const [name, value] of Object.entries(row))
      await page.getByLabel(name, { exact: true }).fill(String(value))
    await page.getByRole('button', { name: 'Predict' }).click()
    const answer = page.locator('pre', { hasText: '"probability"' })
    await answer.waitFor()
    const tried = await example.query(
      'query ($row: JSON!) { tryModel(model: "payment-risk@3", features: [$row]) }',
      { row },
    )
    expect(JSON.parse((await answer.textContent()) ?? '')).toEqual(tried.data.tryModel[0])
    await page.getByLabel('price', { exact: true }).fill('')
    await page.getByRole('button', { name: 'Predict' }).click()
    await page.getByText('BAD_FEATURE').waitFor()
  })

  it('a version that answers for several objectives has a line for each', async () => {
    const page = await browser.open('models')
    const answers = { model: 'payment-risk@3', shadow: false, output: 'probability', values: null }
    const outputDistributions = ['PAYMENT_RISK', 'REFUND_RISK'].map((objective, at) => ({
      ...answers,
      objective,
      count: 4 + at,
      bounds: [0, 1, 2],
      counts: [3, 1 + at],
    }))
    await page.route('**/graphql', (route) =>
      /query Outputs/.test(route.request().postData() ?? '')
        ? route.fulfill({ json: { data: { outputDistributions } } })
        : route.continue(),
    )
    await page.evaluate("location.hash = '#/models/payment-risk@3'")
    const table = page.getByRole('table', { name: 'Outputs', exact: true })
    await table.getByRole('row', { name: /^payment-risk@3 for REFUND_RISK 5 / }).waitFor()
    await table.getByRole('row', { name: /^payment-risk@3 for PAYMENT_RISK 4 / }).waitFor()
  })

  it('a label that is rare with one of two versions may be among its others, and is not said to be absent', async () => {
    const page = await browser.open('models')
    const of = (model: string, ...labels: string[]) => ({
      objective: 'PREDICT_RATING',
      model,
      shadow: false,
      output: 'label',
      count: 20 * labels.length,
      bounds: null,
      counts: null,
      values: labels.map((value) => ({ value, count: 20 })),
    })
    const outputDistributions = [
      of('rating-predictor@3', 'common', '(other)'),
      of('rating-predictor@4', 'common', 'rare'),
    ]
    await page.route('**/graphql', (route) =>
      /query Outputs/.test(route.request().postData() ?? '')
        ? route.fulfill({ json: { data: { outputDistributions } } })
        : route.continue(),
    )
    await page.evaluate("location.hash = '#/release/PREDICT_RATING'")
    const rows = page.getByRole('table', { name: 'Values of label' }).getByRole('row')
    await rows.nth(1).waitFor()
    const texts = (await rows.allTextContents()).slice(1).map((text) => text.replaceAll('\u00a0', ' '))
    expect(texts).toEqual(['common 50 % 50 %', 'rare – 50 %', '(other) 50 % 0 %'])
  })

  it('an objective has a query for each of its fields, which GraphiQL opens and the graph answers', async () => {
    const page = await browser.open('objectives')
    await page.getByRole('link', { name: 'PREDICT_RATING' }).click()
    const query = page.locator('pre', { hasText: 'predictedRating' })
    const text = (await query.textContent()) ?? ''
    expect((await example.query(text)).errors).toBeUndefined()
    await page.getByRole('link', { name: 'Open a query of Title.predictedRating in GraphiQL' }).click()
    await page
      .locator('.graphiql-query-editor .view-lines')
      .getByText('predictedRating')
      .waitFor({ timeout: 60_000 })
  })

  it.each(['PREDICT_RATING', 'PAYMENT_RISK', 'ABUSE_SCORE', 'RECOMMEND_TITLES', 'SEARCH_TITLES'])(
    'every query of %s is one that the graph answers',
    async (objective) => {
      const page = await browser.open(`objectives/${objective}`)
      await page.getByRole('heading', { name: objective }).waitFor()
      await page.locator('pre').first().waitFor()
      for (const text of await page.locator('pre').allTextContents())
        expect({ text, errors: (await example.query(text)).errors }).toEqual({ text, errors: undefined })
    },
  )

  it('tells of requests without a unit, since no canary applies to them', async () => {
    for (let turn = 0; turn < 3; turn++)
      await example.query(
        '{ titles(first: 1) { predictedRating(memberId: "1") } }',
        {},
        { 'x-country': 'AT' },
      )
    await wait(1100)
    const count = await example.counter('presage_routing_no_unit_total', { objective: 'PREDICT_RATING' })
    expect(count).toBeGreaterThanOrEqual(3)
    const page = await browser.open('release/PREDICT_RATING')
    await page.getByText(`${count} decisions had no unit to draw by`).waitFor()
  })

  it('works with the keyboard alone', async () => {
    const page = await browser.open('overview')
    await settled(page)
    await page.keyboard.press('Tab')
    await focuses(page, 'Skip to content')
    await page.keyboard.press('Enter')
    await focuses(page, 'Overview')
    await page.keyboard.press('Shift+Tab')
    await focuses(page, 'Set token')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Bearer token' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await focuses(page, 'Set token')
    await tabTo(page, 'Release', 'Shift+Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Release', level: 1 }).waitFor()
    await focuses(page, 'Release')
    await page.getByRole('button', { name: 'Show changes of version 1' }).waitFor()
    await tabTo(page, 'Changes')
    await page.keyboard.press('Enter')
    await page.getByText('It is the first version.').waitFor()
    await page.keyboard.press('Escape')
    await focuses(page, 'Changes')
    // Whatever is focused can be seen.
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
  })

  it('the dialog of a change keeps the focus while it is sent, for another try, and when it is over', async () => {
    const page = await browser.open('release/PREDICT_RATING')
    const caller = { roles: ['operator'], mayTryModels: false, mayChangeRules: true }
    const active = { number: 8, kind: 'activate', by: 'ada', time: '2026-12-01T12:00:00Z' }
    const ruleStatus = {
      store: 'memory',
      active,
      previous: 7,
      inEffect: 8,
      state: 'current',
      why: null,
      nodes: [],
    }
    let answer = () => {}
    let done = false
    await page.route('**/graphql', async (route) => {
      const query = route.request().postData() ?? ''
      if (query.includes('mutation')) {
        await new Promise<void>((resolve) => {
          answer = resolve
        })
        const change = { done, says: done ? 'is active' : 'is not prepared', warnings: [] }
        return route.fulfill({ json: { data: { change: { ...change, problems: done ? [] : ['wait'] } } } })
      }
      if (query.includes('query Caller')) return route.fulfill({ json: { data: { caller } } })
      if (query.includes('query RuleStatus')) return route.fulfill({ json: { data: { ruleStatus } } })
      return route.continue()
    })
    await page.reload()
    await page.getByRole('button', { name: 'Roll back to version 7' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Roll back to version 7' }).focus()
    await page.keyboard.press('Enter')
    await dialog.locator('[aria-disabled=true]').waitFor()
    await focuses(page, 'Roll back to version 7')
    answer()
    await dialog.getByText('is not prepared').waitFor()
    await focuses(page, 'Try again')
    done = true
    await page.keyboard.press('Enter')
    await dialog.locator('[aria-disabled=true]').waitFor()
    answer()
    await dialog.getByText('is active').waitFor()
    await focuses(page, '✓ is active')
  })

  it('asks again every ten seconds, but only while it can be seen', async () => {
    const page = await browser.open('overview', { ownClock: true })
    await settled(page)
    let asked = 0
    let ended = 0
    const isCounted = (request: Request) => request.url().includes('presage_routing_decisions_total')
    page.on('request', (request) => {
      if (isCounted(request)) asked++
    })
    page.on('requestfinished', (request) => {
      if (isCounted(request)) ended++
    })
    /** So often it asks, by a clock that stands still otherwise. */
    let expected = 0
    const asks = async (times: number, seconds: number) => {
      expected += times
      await page.clock.runFor(seconds * 1000)
      await until(() => asked >= expected && ended >= asked)
      expect(asked).toBe(expected)
    }
    await page.clock.pauseAt(Date.now() + 60_000)
    await asks(1, 1)
    const show = (state: string) =>
      page.evaluate(`Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))`)
    await asks(1, 11)
    await show('hidden')
    await asks(0, 60)
    await show('visible')
    await asks(1, 1)
    await page.clock.setSystemTime(Date.now() - 3_600_000)
    await asks(1, 12)
  })

  it('says that the server does not answer, keeps what was shown and typed, and goes on when it answers again', async () => {
    const page = await browser.open('models/payment-risk@3')
    await page.getByLabel('age', { exact: true }).fill('32')
    await page.route(questions, (route) => route.abort())
    await page.getByRole('button', { name: 'Refresh' }).click()
    const told = page.getByText('UNREACHABLE')
    await told.waitFor()
    expect(await page.getByLabel('age', { exact: true }).inputValue()).toBe('32')
    await page.getByRole('link', { name: 'Explain' }).click()
    await told.nth(1).waitFor()
    await page.unroute(questions)
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByRole('heading', { name: 'A context, typed in' }).waitFor()
    await told.waitFor({ state: 'detached' })
  })

  it.each(['Bad Gateway', '{ "message": "no upstream" }'])(
    'says the status of an answer of a proxy, keeps what was shown and typed, and goes on after it: %s',
    async (body) => {
      const page = await browser.open('models/payment-risk@3')
      await page.getByLabel('age', { exact: true }).fill('32')
      await page.route(questions, (route) => route.fulfill({ status: 502, body }))
      await page.getByRole('button', { name: 'Refresh' }).click()
      const told = page.getByText('got another one with status 502')
      await told.waitFor()
      expect(await page.getByText('UNREACHABLE').count()).toBe(0)
      expect(await page.getByLabel('age', { exact: true }).inputValue()).toBe('32')
      await page.unroute(questions)
      await page.getByRole('button', { name: 'Refresh' }).click()
      await told.waitFor({ state: 'detached' })
    },
  )

  it('keeps what was shown and typed while the platform behind a gateway is away, and notices soon that it is back', async () => {
    const page = await browser.open('explain/PREDICT_RATING', { ownClock: true })
    await page.getByLabel('member', { exact: true }).fill('12')
    const errors = [{ message: 'it failed', extensions: { code: 'UPSTREAM_FAILED' } }]
    await page.route('**/graphql', (route) => route.fulfill({ json: { errors, data: null } }))
    await page.getByRole('button', { name: 'Refresh' }).click()
    const told = page.getByText('UPSTREAM_FAILED it failed. What was answered before is still shown.')
    await told.waitFor()
    expect(await page.getByLabel('member', { exact: true }).inputValue()).toBe('12')
    await page.unroute('**/graphql')
    await page.clock.runFor(11_000)
    await told.waitFor({ state: 'detached' })
    expect(await page.getByText('UPSTREAM_FAILED').count()).toBe(0)
  })

  it('says no more that the server does not answer what another view had asked for', async () => {
    const page = await browser.open('overview')
    await settled(page)
    await page.route(questions, (route) => route.abort())
    await page.getByRole('button', { name: 'Refresh' }).click()
    const told = page.getByText('UNREACHABLE')
    await told.first().waitFor()
    await page.getByRole('link', { name: 'Models' }).click()
    await told.nth(1).waitFor()
    await page.unroute(questions)
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByText('14 versions').waitFor()
    await told.waitFor({ state: 'detached' })
  })

  it('notices within ten seconds that the server answers again, also where it asks once a minute', async () => {
    const page = await browser.open('models', { ownClock: true })
    await page.getByText('14 versions').waitFor()
    await page.route(questions, (route) => route.abort())
    await page.getByRole('button', { name: 'Refresh' }).click()
    const told = page.getByText('UNREACHABLE')
    await told.waitFor()
    await page.unroute(questions)
    await page.clock.runFor(11_000)
    await told.waitFor({ state: 'detached' })
  })

  it('notices within ten seconds that a deadline is kept again, also where it asks once a minute', async () => {
    const page = await browser.open('models', { ownClock: true })
    await page.getByText('14 versions').waitFor()
    const errors = [{ message: 'too late', extensions: { code: 'DEADLINE_EXCEEDED' } }]
    await page.route('**/graphql', (route) => route.fulfill({ json: { errors, data: null } }))
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByText('DEADLINE_EXCEEDED').waitFor()
    await page.unroute('**/graphql')
    await page.clock.runFor(11_000)
    await page.getByText('14 versions').waitFor()
  })

  it('says that the server does not answer if it is silent, and gives up no answer that is only late', async () => {
    const page = await browser.open('models/payment-risk@3', { ownClock: true })
    // By the clock of the test.
    await page.addInitScript(`AbortSignal.timeout = (ms) => {
      const controller = new AbortController()
      setTimeout(() => controller.abort(new DOMException('late', 'TimeoutError')), ms)
      return controller.signal
    }`)
    await page.reload()
    await page.getByLabel('age', { exact: true }).fill('32')
    let begun = 0
    let ended = 0
    page.on('requestfailed', () => ended++)
    await page.route(questions, () => void begun++)
    await page.clock.runFor(11_000)
    await until(() => begun > 0)
    await page.clock.runFor(9_000)
    expect(ended).toBe(0)
    await page.clock.runFor(12_000)
    const told = page.getByText('UNREACHABLE')
    await told.waitFor()
    expect(await page.getByLabel('age', { exact: true }).inputValue()).toBe('32')
    await page.unroute(questions)
    await page.getByRole('button', { name: 'Refresh' }).click()
    await told.waitFor({ state: 'detached' })
  })

  it.each(['OVERLOADED', 'SHUTTING_DOWN'])(
    'keeps what was shown and typed while a server is %s',
    async (code) => {
      const page = await browser.open('models/payment-risk@3')
      await page.getByLabel('age', { exact: true }).fill('32')
      const json = { errors: [{ message: 'not now', extensions: { code } }] }
      await page.route(questions, (route) => route.fulfill({ status: 503, json }))
      await page.getByRole('button', { name: 'Refresh' }).click()
      const told = page.getByText(`${code} not now. What was answered before is still shown.`)
      await told.waitFor()
      expect(await page.getByLabel('age', { exact: true }).inputValue()).toBe('32')
      await page.unroute(questions)
      await page.getByRole('button', { name: 'Refresh' }).click()
      await told.waitFor({ state: 'detached' })
    },
  )

  it('does not say that there is nothing where the graph could not answer', async () => {
    const page = await browser.open('models')
    const errors = [{ message: 'the store is away', extensions: { code: 'STORE_UNREACHABLE' } }]
    await page.route('**/graphql', (route) =>
      /History|Rules\(|Shadows/.test(route.request().postData() ?? '')
        ? route.fulfill({ json: { errors, data: null } })
        : route.continue(),
    )
    await page.evaluate("location.hash = '#/release/PREDICT_RATING'")
    await page.getByText('STORE_UNREACHABLE').nth(2).waitFor()
    const text = await page.getByRole('main').textContent()
    expect(text).not.toMatch(/No version yet|No shadow of|The store does not have/)
  })

  it('says why traffic is not known, and not that it is loading', async () => {
    const page = await browser.open('models')
    const errors = [{ message: 'no answer', extensions: { code: 'UPSTREAM_FAILED' } }]
    await page.route('**/console/metrics?*', (route) => route.fulfill({ status: 502, json: { errors } }))
    await page.evaluate("location.hash = '#/release/PREDICT_RATING'")
    await page.locator('figure', { hasText: 'Traffic' }).getByText('UPSTREAM_FAILED').waitFor()
  })

  it('a page of another release says so, where a graph without platform is said to lack it', async () => {
    const page = await browser.open('objectives')
    const errors = [
      {
        message: 'Cannot query field "mood" on type "Model".',
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      },
    ]
    await page.route('**/graphql', (route) => route.fulfill({ json: { errors } }))
    await page.getByRole('link', { name: 'Models' }).click()
    await page.getByText('This page may be of another release than the server: load it again.').waitFor()
    expect(await page.getByText('platform: true').count()).toBe(0)
  })

  it('the row that was tried last is the one whose answer is shown, whichever comes first', async () => {
    const page = await browser.open('models/payment-risk@3')
    const waiting: (() => Promise<void>)[] = []
    await page.route('**/graphql', (route) => {
      const { query, variables } = route.request().postDataJSON()
      if (!query.includes('tryModel')) return route.continue()
      waiting.push(() => route.fulfill({ json: { data: { tryModel: [{ of: variables.row.age }] } } }))
      return undefined
    })
    for (const age of ['31', '32']) {
      await page.getByLabel('age', { exact: true }).fill(age)
      await page.getByRole('button', { name: 'Predict' }).click()
    }
    await until(() => waiting.length === 2)
    await waiting[1]()
    const answer = page.locator('pre', { hasText: '"of"' })
    await answer.getByText('32').waitFor()
    const late = page.waitForResponse((response) => response.url().endsWith('/graphql'))
    await waiting[0]()
    await (await late).finished()
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 200))')
    expect(await answer.textContent()).toContain('32')
  })

  it('two versions compared are two: one that is chosen twice says so', async () => {
    const page = await browser.open('release/PREDICT_RATING')
    const picker = page.locator('label', { hasText: /^Beside/ }).locator('select')
    await picker.waitFor()
    const version = await page
      .locator('label', { hasText: /^Version/ })
      .locator('select')
      .inputValue()
    await picker.selectOption(version)
    await page.getByText('This is one version twice.').waitFor()
    expect(await page.getByText('The rules name one version').count()).toBe(0)
    const decisions = page.getByRole('table', { name: 'Decisions and errors' })
    expect(await decisions.getByRole('columnheader').count()).toBe(2)
  })

  it.each(['release', 'explain'])('%s: the arrow keys lead through all objectives', async (view) => {
    const page = await browser.open(view)
    const picker = page.locator('label', { hasText: /^Objective/ }).locator('select')
    await picker.waitFor()
    await picker.focus()
    for (const objective of ['PAYMENT_RISK', 'PREDICT_RATING', 'RECOMMEND_TITLES']) {
      await page.keyboard.press('ArrowDown')
      await until(async () => (await page.title()).includes(objective))
    }
  })

  it('labels of outputs and what is wrong with a field fit into their places', async () => {
    const page = await browser.open('models/title-recommender@3', { width: 375 })
    const name = `abuse-${'of-the-nightly-pipeline-'.repeat(5)}`
    await page.route('**/graphql', (route) =>
      /query Outputs/.test(route.request().postData() ?? '')
        ? route.fulfill({
            json: {
              data: {
                outputDistributions: [
                  {
                    model: 'title-recommender@3',
                    shadow: false,
                    output: name,
                    count: 2,
                    bounds: null,
                    counts: null,
                    values: [{ value: 'W'.repeat(300), count: 2 }],
                  },
                ],
              },
            },
          })
        : route.continue(),
    )
    await page.reload()
    await page.getByRole('table', { name: `Values of ${name}` }).waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(375)
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.getByLabel('history', { exact: true }).fill('1,,2')
    const mistake = page.getByText('must be a list of')
    await mistake.waitFor()
    const field = page.locator('.field', { has: mistake })
    expect((await mistake.boundingBox())!.width).toBeLessThanOrEqual((await field.boundingBox())!.width)
  })

  it('a long history is shown in pages', async () => {
    const { store } = example.deployment.rules
    const { text } = (await store.get(1))!
    for (let turn = 0; turn < 24; turn++)
      await store.publish({ text, author: 'ada', message: `turn ${turn}` })
    const page = await browser.open('release/PREDICT_RATING')
    const rows = page.getByRole('group', { name: 'Versions of the rules' }).getByRole('row')
    await rows.filter({ hasText: 'turn 23' }).waitFor()
    expect(await rows.count()).toBe(21)
    await page.getByRole('button', { name: 'Older versions' }).click()
    await rows.filter({ hasText: '● active' }).waitFor()
    expect(await rows.count()).toBe(6)
    // The focus stays where the keyboard left it, or goes to the heading.
    await focuses(page, 'Older versions')
    await page.getByRole('button', { name: 'Newest versions' }).click()
    await rows.filter({ hasText: 'turn 23' }).waitFor()
    await focuses(page, 'History of the rules')
  })

  it('has asked no host but this server, and nothing went wrong', () => {
    expect([...browser.hosts]).toEqual([new URL(example.url).host])
    expect(browser.problems).toEqual([])
  })

  it('its policy lets no script, style or connection in but its own', async () => {
    const response = await fetch(new URL('/console', example.url))
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).not.toContain('unsafe')
    expect(policy).toMatch(
      /default-src 'none'; script-src 'sha256-[^ ]+'; style-src 'sha256-[^ ]+'; connect-src 'self'/,
    )
    expect((await response.text()).length).toBeLessThan(400_000)
    const page = await browser.open('overview')
    const refused = await page.evaluate(`new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective))
      fetch('http://example.com').catch(() => {})
    })`)
    expect(refused).toBe('connect-src')
    const inline = await page.evaluate(`new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective))
      const script = document.createElement('script')
      script.textContent = 'window.isHacked = true'
      document.body.append(script)
    })`)
    expect(inline).toBe('script-src-elem')
    expect(await page.evaluate('window.isHacked')).toBeUndefined()
    browser.problems.length = 0
  })
})

const asked = 0

/** A bit of everything. */
async function ask(): Promise<void> {
  const queries = [
    ...Array.from(
      { length: 20 },
      (_, at) => `{ titles(first: 5) { predictedRating(memberId: "${at + 1}") } }`,
    ),
    '{ payments { risk { probability decision } } }',
    '{ messages { abuse { probability label } } }',
    '{ searchTitles(text: "godfather", first: 3) { score title { name } } }',
  ]
  await Promise.all(
    queries.map((query, at) =>
      example.query(query, {}, { 'x-member': String(asked + at), 'x-country': at % 3 === 0 ? 'AT' : 'FR' }),
    ),
  )
}

/** Waits until nothing is being loaded. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle')
  await page.getByText('Loading …').first().waitFor({ state: 'detached' })
}

/** The text of what has the focus. */
async function focused(page: Page): Promise<string> {
  return (await page.evaluate('document.activeElement.textContent')) as string
}

/** Waits for the focus to be there: a page moves it after it has drawn. */
function focuses(page: Page, text: string): Promise<void> {
  return until(async () => (await focused(page)) === text)
}

async function tabTo(page: Page, text: string, key = 'Tab'): Promise<void> {
  for (let turn = 0; turn < 60 && (await focused(page)) !== text; turn++) await page.keyboard.press(key)
  expect(await focused(page)).toBe(text)
}

/** The pictures of docs/console.md, by the view that they show. */
const pictures: Readonly<Record<string, string>> = {
  overview: 'overview',
  'release/PREDICT_RATING': 'release',
  'explain/PREDICT_RATING?context.country=DE&context.member=12': 'explain',
  'models/payment-risk@3': 'model',
  'objectives/PREDICT_RATING': 'objective',
}

/** Makes them in the folder that PRESAGE_SCREENSHOTS names, if it is set. */
async function photograph(page: Page, name: string, view: string): Promise<void> {
  if (screenshots === undefined || name !== 'light on a desk' || !(view in pictures)) return
  await page.setViewportSize({ width: 1000, height: 900 })
  // Outputs are counted while a page looks at them.
  for (let turn = 0; turn < 20; turn++) await ask()
  await wait(1200)
  await page.getByRole('button', { name: 'Refresh' }).click()
  await wait(1000)
  const height = Math.min(900, (await page.evaluate('document.documentElement.scrollHeight')) as number)
  const path = join(screenshots, `${pictures[view]}.png`)
  await page.screenshot({ path, fullPage: true, clip: { x: 0, y: 0, width: 1000, height } })
}
