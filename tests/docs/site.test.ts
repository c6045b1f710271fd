import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { packageRoot } from '../../lib/packagePaths'
import { findChromium } from '../support/chromium'

/** The documentation as a site, as `npm run docs` builds it. Dead links end the build. */

jest.setTimeout(180_000)

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'presage-site-'))
  execFileSync('npm', ['run', '--silent', 'docs', '--', '--outDir', folder], {
    cwd: packageRoot,
    stdio: 'pipe',
  })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('has a page for each page of the repository, and the files that they offer', () => {
  const built = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  expect(built).toEqual(
    expect.arrayContaining([
      'index.html',
      'CONTRIBUTING.html',
      'docs/tutorials/from-python.html',
      'docs/decisions/034-docs-site.html',
      'docs/grafana/presage.json',
    ]),
  )
})

it('its pages load nothing from other hosts', () => {
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.html'),
  )
  expect(pages.length).toBeGreaterThan(50)
  for (const path of pages) {
    const html = readFileSync(join(folder, path), 'utf8')
    expect({
      path,
      loaded: html.match(/<(?:script|img|iframe|link)[^>]* (?:src|href)="(?:https?:)?\/\/[^"]*/g),
    }).toEqual({
      path,
      loaded: null,
    })
  }
})

const executablePath = findChromium()
if (executablePath === undefined)
  console.warn('The site is not tried in a browser: no chromium in PATH, and CHROMIUM names none')
const inBrowser = executablePath === undefined ? describe.skip : describe

inBrowser('in a browser', () => {
  let server: Server
  let browser: Browser
  let page: Page
  let url: string
  const hosts = new Set<string>()
  const problems: string[] = []

  beforeAll(async () => {
    server = serve()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    // In a container Chromium's own sandbox has no rights.
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
    page.setDefaultTimeout(120_000)
    page.on('request', (request) => hosts.add(new URL(request.url()).host))
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text())
    })
  })
  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  /** Opens a page, and waits until it answers: what is clicked before its script has run is lost. */
  async function open(path = '/') {
    await page.goto(url + path)
    await page.waitForFunction('document.querySelector("#app").__vue_app__ !== undefined')
  }

  it('begins with the README, and leads to everything by its sidebar', async () => {
    await open()
    await page.getByRole('heading', { name: 'Presage', level: 1 }).waitFor()
    const sidebar = page.locator('.VPSidebar')
    const groups = await sidebar.getByRole('heading', { level: 2 }).allTextContents()
    expect(groups.map((text) => text.trim())).toEqual(
      expect.arrayContaining(['Tutorials', 'Guides', 'Reference', 'Decisions']),
    )
    await sidebar.getByRole('link', { name: 'From Python to a release' }).click()
    await page.getByRole('heading', { name: '5. Canary' }).waitFor()
  })

  it('finds a word, and where it stands', async () => {
    await page.getByRole('button', { name: 'Search' }).click()
    await page.locator('.VPLocalSearchBox input').fill('stallAfter')
    await page.locator('.VPLocalSearchBox .result').filter({ hasText: 'Shards' }).first().click()
    await page.getByRole('heading', { name: 'Shards' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/docs/configuration.html')
    expect(new URL(page.url()).hash).toBe('#shards')
  })

  it.each([
    ['tutorial', '/docs/tutorials/'],
    ['BAD_FEATURE', '/docs/errors.html'],
  ])('a search for %s begins with %s', async (word, place) => {
    expect((await found(word))[0]).toContain(place)
  })

  it('a search leads to decisions last, and to no page for those who change Presage', async () => {
    const places = await found('planner')
    const at = places.findIndex((place) => place.includes('/docs/decisions/'))
    expect(at).toBeGreaterThan(0)
    for (const place of places) expect(place).toMatch(/^\/(docs|examples)\/|^\/(#|$)/)
  })

  async function found(word: string): Promise<readonly string[]> {
    await open()
    // The site keeps the last search, whose results would stand there first.
    await page.evaluate('sessionStorage.clear()')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.locator('.VPLocalSearchBox input').fill(word)
    const results = page.locator('.VPLocalSearchBox a.result')
    await results.first().waitFor()
    return results.evaluateAll((all) => all.map((one) => one.getAttribute('href') ?? ''))
  }

  it("has GitHub's anchors, and no links to what is not part of it", async () => {
    await open('/docs/operations.html#operators-pages')
    await page.locator('#operators-pages').waitFor()
    const links = await page
      .locator('.vp-doc a')
      .evaluateAll((all) => all.map((one) => one.getAttribute('href') ?? ''))
    expect(links.length).toBeGreaterThan(20)
    expect(links.filter((href) => href.endsWith('.ts') || href.endsWith('.md'))).toEqual([])
  })

  it.each(['light', 'dark'] as const)('is %s where the reader has it so', async (colorScheme) => {
    await page.emulateMedia({ colorScheme })
    await open('/docs/rules.html')
    const background = await page.evaluate('getComputedStyle(document.body).backgroundColor')
    expect(background).toMatch(colorScheme === 'light' ? /rgb\(255, 255, 255\)/ : /rgb\(\d\d, \d\d, \d\d\)/)
  })

  it('has asked no other host, and nothing went wrong', () => {
    expect([...hosts]).toEqual([new URL(url).host])
    expect(problems).toEqual([])
  })
})

/** As any server of files would. */
function serve(): Server {
  const types: Readonly<Record<string, string>> = {
    '.html': 'text/html',
    '.js': 'text/javascript',
    '.css': 'text/css',
    '.json': 'application/json',
    '.svg': 'image/svg+xml',
    '.woff2': 'font/woff2',
  }
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site')
    const path = join(folder, pathname === '/' ? 'index.html' : decodeURIComponent(pathname))
    try {
      const content = readFileSync(path)
      response
        .writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' })
        .end(content)
    } catch {
      response.writeHead(404).end()
    }
  })
}
