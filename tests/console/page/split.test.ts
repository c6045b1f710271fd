import type { Config } from '../../../cli/config/config'
import type { Served } from '../../../cli/deployment/serveRuntime'
import { startSubgraph } from '../../../cli/deployment/startSubgraph'
import { createPrometheusMetrics } from '../../../telemetry/prometheus'
import { type ConsoleBrowser, inBrowser, startConsoleBrowser } from '../../support/consoleBrowser'
import { withOwnRules } from '../../support/example'
import { exampleConfig } from '../../support/exampleConfig'

/** The consoles of a deployment whose subgraphs are processes of their own. */

jest.setTimeout(120_000)

const splitConfig = (): Config => ({
  ...withOwnRules(exampleConfig()),
  platform: { url: 'http://127.0.0.1:1/graphql' },
})

async function start(name: string): Promise<Served> {
  const served = await startSubgraph(splitConfig(), name, {
    port: 0,
    metrics: createPrometheusMetrics(),
    log: () => {},
  })
  await served.loaded
  return served
}

inBrowser('a subgraph that is served on its own', () => {
  let served: Served
  let browser: ConsoleBrowser

  beforeAll(async () => {
    served = await start('catalog')
    browser = await startConsoleBrowser(served.url)
  })
  afterAll(async () => {
    await browser?.close()
    await served?.close()
  })

  it.each(['release', 'explain', 'models', 'objectives'])('%s says whose console shows it', async (view) => {
    const page = await browser.open(view)
    await page.getByText('open the console of the gateway, or of presage subgraph platform').waitFor()
    await page.close()
  })
})

inBrowser('a process that decides nothing', () => {
  let served: Served
  let browser: ConsoleBrowser

  beforeAll(async () => {
    served = await start('platform')
    browser = await startConsoleBrowser(served.url)
  })
  afterAll(async () => {
    await browser?.close()
    await served?.close()
  })

  it.each(['platform', 'gateway'])('%s: Release says so, in the place of zeros', async (source) => {
    const page = await browser.open('models')
    if (source === 'gateway')
      await page.route('**/console/metrics?*', async (route) => {
        const response = await route.fetch()
        await route.fulfill({ response, json: { ...(await response.json()), source } })
      })
    await page.evaluate("location.hash = '#/release/PREDICT_RATING'")
    await page.getByText('This process decides nothing').waitFor()
    await page.getByText('Shares that the rules plan.').waitFor()
    await page.getByRole('button', { name: 'Show changes of version 1' }).waitFor()
    const text = await page.getByRole('main').textContent()
    expect(text).not.toMatch(/Decisions0|no decision|No error|No answer|No whole step|No row/)
    await page.evaluate("location.hash = '#/overview'")
    await page
      .getByText(`of ${source === 'gateway' ? 'this gateway' : 'the process of the platform'} alone`)
      .waitFor()
    await page.unrouteAll({ behavior: 'wait' })
    await page.close()
  })
})
