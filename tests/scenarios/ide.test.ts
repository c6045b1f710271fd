import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium, type Page } from 'playwright-core'
import { findChromium } from '../support/chromium'
import { type Example, startExample } from '../support/example'
import { until } from '../support/until'

const executablePath = findChromium()
if (executablePath === undefined) {
  console.warn(
    'The IDE is not tried: no chromium in PATH, and CHROMIUM names none (apt-get install chromium)',
  )
}

const inBrowser = executablePath === undefined ? describe.skip : describe

inBrowser('the IDE at /, in a browser', () => {
  let example: Example
  let browser: Browser
  let page: Page
  const hosts = new Set<string>()
  const problems: string[] = []

  beforeAll(async () => {
    example = await startExample()
    // In a container Chromium's own sandbox has no rights.
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    page = await browser.newPage()
    page.setDefaultTimeout(90_000)
    page.on('request', (request) => {
      const { protocol, host } = new URL(request.url())
      if (/^(https?|wss?):$/.test(protocol)) hosts.add(host)
    })
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text())
    })
  })

  afterAll(async () => {
    await browser?.close()
    await example?.close()
  })

  async function typeQuery(text: string): Promise<void> {
    await page.locator('.graphiql-query-editor .view-lines').first().click()
    await page.keyboard.press('Control+A')
    await page.keyboard.press('Delete')
    await page.keyboard.type(text)
  }

  it('is where the address of the graph leads a person', async () => {
    await page.goto(example.url)
    expect(new URL(page.url()).pathname).toBe('/')
    await page.locator('.graphiql-query-editor .monaco-editor').first().waitFor()
  })

  it('opens on a prediction of this graph, which can be run as it stands', async () => {
    await page.getByRole('tab', { name: 'Prediction' }).waitFor()
    await page.getByRole('button', { name: /^Execute query/ }).click()
    const answer = page.locator('.result-window .view-lines')
    await answer.getByText('"data"').first().waitFor()
    const shown = ((await answer.textContent()) ?? '').replace(/\s+/g, ' ')
    expect(shown).toMatch(/"recommendedTitles": \[ \{ "score": 0\.\d+ \}/)
    expect(shown).not.toContain('errors')
  })

  it('runs a query that somebody types, and shows its predictions', async () => {
    await typeQuery('query Ratings { titles(first: 2) { name predictedRating(memberId: 1) } }')
    // Its tab is renamed once the editor has read the text.
    await page.getByRole('tab', { name: 'Ratings' }).waitFor()
    await page.getByRole('button', { name: /^Execute query/ }).click()
    const answer = page.locator('.result-window .view-lines')
    await answer.getByText('predictedRating').first().waitFor()
    const shown = ((await answer.textContent()) ?? '').replace(/\s+/g, ' ')
    expect(shown).toMatch(/"name": ".+", "predictedRating": [0-5](\.\d+)?\b/)
  })

  it('shows all that an error carries', async () => {
    await typeQuery('query Failing { member(id: 12) { recommendedTitles(first: 100) { score } } }')
    await page.getByRole('tab', { name: 'Failing' }).waitFor()
    await page.getByRole('button', { name: /^Execute query/ }).click()
    const answer = page.locator('.result-window .view-lines')
    await answer.getByText('BAD_FEATURE').first().waitFor()
    const shown = ((await answer.textContent()) ?? '').replace(/\s+/g, ' ')
    expect(shown).toContain('"locations": [ { "line": 1, "column":')
    expect(shown).toContain('"path": [ "member", "recommendedTitles" ]')
    expect(shown).toContain('"input":')
  })

  it('shows an answer that is not JSON as it came, and no stack of its own', async () => {
    await page.route('**/graphql', (route) => route.fulfill({ body: 'busy <b>now</b>' }))
    await page.getByRole('button', { name: /^Execute query/ }).click()
    const answer = page.locator('.result-window .view-lines')
    await answer.getByText('200: busy <b>now</b>').first().waitFor()
    expect(await answer.textContent()).not.toContain('stack')
    await page.unroute('**/graphql')
  })

  it('lets the browser keep queries, but not headers, which hold tokens', async () => {
    await page.getByRole('button', { name: 'Headers', exact: true }).click()
    await page.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden) .view-lines').click()
    await page.keyboard.type('{ "authorization": "Bearer secret')
    await typeQuery('query Kept { titles(first: 1) { name } }')
    const kept = () => page.evaluate<string>('JSON.stringify(localStorage)')
    await until(async () => (await kept()).includes('query Kept'))
    expect(await kept()).not.toContain('secret')
  })

  it('shows the answer below the query where there is no place beside it', async () => {
    const answer = page.locator('.graphiql-response')
    const before = (await answer.boundingBox())!
    await page.setViewportSize({ width: 375, height: 700 })
    const query = (await page.locator('.graphiql-query-editor').boundingBox())!
    const narrow = (await answer.boundingBox())!
    expect(narrow.width).toBeGreaterThanOrEqual(query.width)
    expect(narrow.y).toBeGreaterThan(query.y + query.height)
    await page.setViewportSize({ width: 1280, height: 720 })
    expect((await answer.boundingBox())!.y).toBe(before.y)
  })

  it('keeps a history of what was run, also when it is opened again', async () => {
    await page.reload()
    await page.getByRole('button', { name: 'Show History' }).click()
    const history = page.locator('.graphiql-history')
    for (const name of ['Prediction', 'Ratings', 'Failing']) await history.getByText(name).first().waitFor()
  })

  it('completes fields from the graph', async () => {
    await typeQuery('{ titles(first: 2) { pred')
    await page.keyboard.press('Control+Space')
    await page.locator('.suggest-widget').getByText('predictedRating').first().waitFor()
    await page.keyboard.press('Escape')
  })

  it("shows each prediction field's description, with objective, inputs and measure", async () => {
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click()
    const docs = page.locator('.graphiql-doc-explorer')
    await docs.getByText('Query', { exact: true }).first().click()
    await docs.getByText('titles', { exact: true }).first().click()
    await docs.getByText('Title', { exact: true }).first().click()
    await docs.getByText('predictedRating', { exact: true }).first().click()
    const text = await docs.textContent()
    expect(text).toContain('How the member would rate this title')
    expect(text).toContain('PREDICT_RATING')
    expect(text).toMatch(/genres.*field genres/)
    expect(text).toMatch(/rating.*in stars/)
    expect(text).not.toContain('rating-predictor')
  })

  it('has asked no host but this server, and nothing went wrong', () => {
    expect([...hosts]).toEqual([new URL(example.url).host])
    expect(problems).toEqual([])
  })

  it('may be below a path of a proxy, and so may the console', async () => {
    const proxy = createServer((message, response) => {
      const path = /^\/shop(\/.*)$/.exec(message.url ?? '')?.[1]
      if (path === undefined) return response.writeHead(404).end()
      const { method, headers } = message
      const forward = request(new URL(path, example.url), { method, headers }, (answer) => {
        answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers))
      })
      return message.pipe(forward)
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const { port } = proxy.address() as AddressInfo
    await page.goto(`http://127.0.0.1:${port}/shop/graphql`)
    expect(new URL(page.url()).pathname).toBe('/shop/')
    await page.getByRole('tab', { name: 'Prediction' }).waitFor()
    await page.getByRole('button', { name: /^Execute query/ }).click()
    await page.locator('.result-window .view-lines').getByText('recommendedTitles').first().waitFor()

    await page.goto(`http://127.0.0.1:${port}/shop/console#/objectives/PREDICT_RATING`)
    await page.getByRole('link', { name: 'Open a query of Title.predictedRating in GraphiQL' }).click()
    await page.waitForURL(/\/shop\/\?query=/)
    await page.locator('.graphiql-query-editor').getByText('predictedRating').first().waitFor()
    expect(problems).toEqual([])
    proxy.closeAllConnections()
    proxy.close()
  })
})
