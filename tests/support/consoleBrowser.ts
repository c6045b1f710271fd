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
  /** The time of the page is moved by `page.clock`. */
  readonly ownClock?: boolean
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
  // A page with a context of its own needs a process of its own. It has one only where it sets a clock, which is that of all
  // pages of the context. The first page stays, so that the process does.
  const shared = await browser.newContext({ reducedMotion: 'reduce' })
  await (await shared.newPage()).goto(new URL('/health/live', graph).href)
  const opened: (Page | BrowserContext)[] = []
  const closePages = async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()))
  }
  return {
    problems,
    hosts,
    async open(view, { width = 1280, dark = false, token, ownClock = false } = {}) {
      const context = ownClock ? await browser.newContext({ reducedMotion: 'reduce' }) : shared
      const page = await context.newPage()
      opened.push(ownClock ? context : page)
      if (ownClock) await page.clock.install()
      await page.setViewportSize({ width, height: 900 })
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' })
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
