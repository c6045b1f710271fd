import type { Locator, Page } from 'playwright-core'
import { type ConsoleBrowser, inBrowser, startConsoleBrowser } from '../../support/consoleBrowser'
import { type Example, startExample } from '../../support/example'
import { until } from '../../support/until'

/** What charts show of a server that has just begun, whose history has one step. */

jest.setTimeout(120_000)

let example: Example
let browser: ConsoleBrowser
let page: Page

const head = { source: 'process', now: 1_795_823_827_028, stepMs: 10_000 }

/** Any metric has one series with one value. */
function answerTo(question: URLSearchParams) {
  if (question.has('since')) return { ...head, times: [], series: [] }
  const labels = { objective: 'O', model: 'm@1', status: '200', code: 'WORKER_LOST' }
  const series = question
    .get('names')!
    .split(',')
    .map((name) => ({
      ...{ name, labels, kind: name.endsWith('_seconds') ? 'histogram' : 'counter' },
      ...(name.endsWith('_seconds') ? { count: [5], p50: [0.01], p99: [0.02] } : { values: [5] }),
    }))
  return { ...head, times: [head.now - 5_000], series }
}

/** Axes and their numbers are grey. */
function colouredPixels(canvas: Locator): Promise<number> {
  return canvas.evaluate((element) => {
    const { width, height } = element as HTMLCanvasElement
    const { data } = (element as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height)
    let coloured = 0
    for (let at = 0; at < data.length; at += 4) {
      const [red, green, blue, alpha] = data.slice(at, at + 4)
      if (alpha > 128 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60) coloured++
    }
    return coloured
  })
}

inBrowser('the first step of a chart', () => {
  beforeAll(async () => {
    example = await startExample()
    browser = await startConsoleBrowser(example.url)
    page = await browser.open('objectives/none')
    await page.route('**/console/metrics?*', (route) =>
      route.fulfill({ json: answerTo(new URL(route.request().url()).searchParams) }),
    )
    await page.evaluate("location.hash = '#/overview'")
  })
  afterAll(async () => {
    await browser?.close()
    await example?.close()
  })

  it.each(['Predictions a second, by objective and version', 'Latency of requests'])(
    'is seen in: %s',
    async (title) => {
      const canvas = page.locator('figure', { hasText: title }).locator('canvas')
      await canvas.waitFor()
      await until(async () => (await colouredPixels(canvas)) > 0)
      expect(browser.problems).toEqual([])
    },
  )
})
