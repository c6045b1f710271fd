import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { findChromium } from './chromium'

const executablePath = findChromium()
if (executablePath === undefined) {
  console.warn(
    'The console is not tried: no chromium in PATH, and CHROMIUM names none (apt-get install chromium)',
  )
}

/** `describe` where there is a browser. */
export const inBrowser = executablePath === undefined ? describe.skip : describe

export interface OpenOptions {
  readonly width?: number
  readonly dark?: boolean
  readonly token?: string
}

/** A browser that opens the console, and notes what goes wrong in it and which hosts it asks. */
export interface ConsoleBrowser {
  /** `view` is the part of the address behind `#/`. */
  open(view: string, options?: OpenOptions): Promise<Page>
  readonly problems: string[]
  readonly hosts: ReadonlySet<string>
  /** Those that were opened until now. */
  closePages(): Promise<void>
  close(): Promise<void>
}

/** `graph` is the URL of the graph whose console is opened. */
export async function startConsoleBrowser(graph: string): Promise<ConsoleBrowser> {
  // In a container Chromium's own sandbox has no rights.
  const browser: Browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  const problems: string[] = []
  const hosts = new Set<string>()
  const contexts: BrowserContext[] = []
  const closePages = async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()))
  }
  return {
    problems,
    hosts,
    async open(view, { width = 1280, dark = false, token } = {}) {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: dark ? 'dark' : 'light',
        reducedMotion: 'reduce',
      })
      contexts.push(context)
      const page = await context.newPage()
      page.setDefaultTimeout(90_000)
      page.on('request', (request) => {
        const { protocol, host } = new URL(request.url())
        if (/^(https?|wss?):$/.test(protocol)) hosts.add(host)
      })
      page.on('pageerror', (error) => problems.push(error.message))
      page.on('console', (message) => {
        // A refusal that the page shows is also written to the console by the browser itself.
        if (message.type() === 'error' && !message.text().startsWith('Failed to load'))
          problems.push(message.text())
      })
      await page.goto(new URL(`/console#/${view}`, graph).href)
      if (token !== undefined) {
        await page.getByRole('button', { name: 'Set token' }).click()
        await page.getByLabel('Token', { exact: true }).fill(token)
        await page.getByRole('button', { name: 'Use this token' }).click()
      }
      return page
    },
    closePages,
    async close() {
      await closePages()
      await browser.close()
    },
  }
}
