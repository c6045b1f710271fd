import { audience, createSigner, issuer } from '../../gateway/tokens'
import { type ConsoleBrowser, inBrowser, startConsoleBrowser } from '../../support/consoleBrowser'
import { type Example, startExample } from '../../support/example'

/** Somebody without a role sees no more in the console than the graph would tell, and is told what is missing. */

const signer = createSigner()
const token = (...roles: string[]) => signer.sign({ roles, sub: 'ada' })

inBrowser('where tokens decide, and operators have an address of their own', () => {
  let example: Example
  let browser: ConsoleBrowser

  beforeAll(async () => {
    example = await startExample(
      ({ trust, server, ruleStore }) => ({
        server: { ...server, admin: { host: '127.0.0.1', port: 0 } },
        ruleStore: { ...ruleStore, mutations: true },
        trust: { ...trust, jwt: { issuer, audience, algorithms: ['ES256'], jwks: signer.jwksFile } },
      }),
      { consoleStepMs: 500 },
    )
    const { node, store } = example.deployment.rules
    const { text } = (await store.get(1))!
    await store.publish({ text, author: 'ada', message: 'the same again' })
    expect(node.status().inEffect?.number).toBe(1)
    browser = await startConsoleBrowser(example.url)
  })

  afterAll(async () => {
    await browser?.close()
    await example?.close()
  })

  it.each([
    'overview',
    'release',
    'explain',
    'models',
    'models/payment-risk@3',
    'objectives',
    'objectives/PAYMENT_RISK',
  ])('nobody sees nothing in %s, and is told which role it needs', async (view) => {
    const page = await browser.open(view)
    await page.getByText('FORBIDDEN this needs the role viewer').first().waitFor()
    const text = (await page.getByRole('main').textContent()) ?? ''
    for (const name of ['rating-predictor', 'payments', 'predictedRating', 'MiB'])
      expect(text).not.toContain(name)
    await page.close()
  })

  it('a viewer sees all views but what researchers and operators may do', async () => {
    const page = await browser.open('overview', { token: await token('viewer') })
    await page.getByRole('table', { name: 'Memory' }).waitFor()
    await page.getByRole('link', { name: 'Release' }).click()
    await page.getByRole('button', { name: 'Show changes of version 2' }).waitFor()
    await page.waitForLoadState('networkidle')
    expect(await page.getByRole('button', { name: /Activate|Roll back/ }).count()).toBe(0)
    await page.getByText('Operators change rules here if rules.mutations of the configuration').waitFor()
    await page.getByRole('link', { name: 'Explain' }).click()
    await page.getByText('FORBIDDEN this needs the role researcher').waitFor()
    await page.getByRole('link', { name: 'Models' }).click()
    await page.getByRole('link', { name: 'payment-risk@3' }).click()
    await page.getByRole('heading', { name: 'payment-risk@3' }).waitFor()
    await page.waitForLoadState('networkidle')
    expect(await page.getByRole('heading', { name: 'Try it' }).count()).toBe(0)
  })

  it('a researcher explains and tries; an operator changes rules too', async () => {
    const page = await browser.open('models/payment-risk@3', { token: await token('researcher') })
    await page.getByRole('heading', { name: 'Try it' }).waitFor()
    await page.getByRole('link', { name: 'Release' }).click()
    await page.getByRole('button', { name: 'Show changes of version 2' }).waitFor()
    await page.waitForLoadState('networkidle')
    expect(await page.getByRole('button', { name: /Activate|Roll back/ }).count()).toBe(0)
    await page.getByRole('button', { name: 'Token is set' }).click()
    await page.getByLabel('Token', { exact: true }).fill(`Bearer ${await token('operator')}`)
    await page.getByRole('button', { name: 'Use this token' }).click()
    await page.getByRole('button', { name: 'Activate version 2' }).waitFor()
    await page.getByRole('button', { name: 'Token is set' }).click()
    await page.getByRole('button', { name: 'Remove it' }).click()
    await page.getByText('FORBIDDEN this needs the role viewer').first().waitFor()
    expect(await page.getByText('rating-predictor').count()).toBe(0)
  })

  it('a change that the graph refuses after all is shown with its code', async () => {
    const page = await browser.open('release', { token: await token('operator') })
    await page.getByRole('button', { name: 'Activate version 2' }).click()
    const viewer = await token('viewer')
    await page.route('**/graphql', (route) =>
      route.continue({ headers: { ...route.request().headers(), authorization: `Bearer ${viewer}` } }),
    )
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Activate version 2' }).click()
    await dialog.getByText('FORBIDDEN this needs the role operator').waitFor()
  })

  it('a token that does not verify is told of', async () => {
    const page = await browser.open('models', { token: 'no-token' })
    await page.getByText('UNAUTHENTICATED').first().waitFor()
  })

  it('a token that no header can carry is not taken, such as one that a terminal has shortened', async () => {
    const page = await browser.open('models', { token: 'abc\u2026def' })
    await page.locator('dialog input:invalid').waitFor()
    expect(await page.getByText('UNREACHABLE').count()).toBe(0)
  })
})

inBrowser('a graph without the platform', () => {
  it('says which line adds it, and shows the metrics all the same', async () => {
    const example = await startExample(
      ({ graph }) => ({ platform: false, graph: { ...graph, supergraph: '/none', planLock: '/none.lock' } }),
      { consoleStepMs: 500 },
    )
    const browser = await startConsoleBrowser(example.url)
    try {
      const page = await browser.open('overview')
      await page.getByText('platform: true').waitFor()
      await page.getByRole('table', { name: 'Memory' }).waitFor()
    } finally {
      await browser.close()
      await example.close()
    }
  })
})

it('the page is not there where the configuration says so', async () => {
  const example = await startExample(() => ({ console: false }))
  try {
    const at = (path: string) => new URL(path, example.url)
    expect((await fetch(at('/console'))).status).toBe(404)
    expect((await fetch(at('/console/metrics?names=process_resident_memory_bytes'))).status).toBe(404)
  } finally {
    await example.close()
  }
})
