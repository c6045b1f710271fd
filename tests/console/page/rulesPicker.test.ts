import type { Page } from 'playwright-core'
import { type ConsoleBrowser, inBrowser, startConsoleBrowser } from '../../support/consoleBrowser'
import { type Example, startExample } from '../../support/example'
import { until } from '../../support/until'

/** Explain, where the version of the rules that decides is not among the newest, or not the active one. */

jest.setTimeout(120_000)

let example: Example
let browser: ConsoleBrowser

inBrowser('the version of the rules that explains', () => {
  beforeAll(async () => {
    example = await startExample()
    const { store } = example.deployment.rules
    const { text } = (await store.get(1))!
    for (let number = 2; number <= 60; number++) await store.publish({ text, author: 'ada', message: '' })
    browser = await startConsoleBrowser(example.url)
  })

  afterAll(async () => {
    await browser?.close()
    await example?.close()
  })

  it('is shown though it is older than the newest 50', async () => {
    const page = await browser.open('explain/PREDICT_RATING')
    await explained(page, 1)
    expect(await chosen(page)).toBe('version 1, active, in effect here')
    await page.close()
  })

  it('is the one of the address', async () => {
    const page = await browser.open('explain/PREDICT_RATING?rules=3')
    await explained(page, 3)
    expect(await chosen(page)).toBe('version 3')
    await rulesOf(page).selectOption('60')
    await explained(page, 60)
    expect(await chosen(page)).toBe('version 60')
    await page.close()
  })

  it('is none where the address names what cannot be one', async () => {
    const page = await browser.open('explain/PREDICT_RATING?rules=abc')
    await rulesOf(page).waitFor()
    expect(await rulesOf(page).inputValue()).toBe('')
    await page.close()
  })

  it('is the one in effect in a pinned process, not the active one', async () => {
    const { node, store } = example.deployment.rules
    await store.pin(node.status().node, 1)
    await store.activate(60, { expected: 1, by: 'ada', force: true })
    await node.look()
    const page = await browser.open('explain/PREDICT_RATING')
    await explained(page, 1)
    expect(await chosen(page)).toBe('version 1, in effect here')
    expect(await rulesOf(page).locator('option').first().textContent()).toBe('version 60, active')
    await page.close()
  })

  it('is not compared line by line where thousands of lines differ, since the page would stand still', async () => {
    const page = await browser.open('models')
    const rulesOf = (version: number) =>
      Array.from({ length: 10_000 }, (_, at) => ({ name: `r${at}`, when: { at }, use: `m@${version}` }))
    await page.route('**/graphql', (route) => {
      const { query, variables } = route.request().postDataJSON()
      if (!query.startsWith('query Rules(')) return route.continue()
      const number = variables.before - 1
      const rules = { objectives: { OTHER: { rules: rulesOf(number), default: 'm@1' } } }
      return route.fulfill({ json: { data: { ruleSets: [{ number, rules }] } } })
    })
    await page.evaluate("location.hash = '#/release/PREDICT_RATING'")
    await page.getByRole('button', { name: 'Show changes of version 60' }).click()
    await page.getByRole('dialog').getByText('So many lines differ').first().waitFor()
    await page.close()
  })

  it('is asked for anew by the button, though the context is the same', async () => {
    const { node, store } = example.deployment.rules
    await store.pin(node.status().node, null)
    const { active } = await store.head()
    await until(() => node.status().inEffect?.number === active?.number)
    const page = await browser.open('explain/PREDICT_RATING')
    // By itself the page asks at an interval.
    await page.addInitScript('window.setInterval = () => 0')
    await page.reload()
    await explained(page, active!.number)
    await store.activate(2, { expected: active!.number, by: 'ada', force: true })
    await until(() => node.status().inEffect?.number === 2)
    await page.getByRole('button', { name: 'Explain', exact: true }).click()
    await explained(page, 2)
    await page.close()
  })

  it('is found in a history that is read to its end with the keyboard, without an empty page', async () => {
    const page = await browser.open('release/PREDICT_RATING')
    const rows = page.getByRole('group', { name: 'Versions of the rules' }).getByRole('row')
    const older = page.getByRole('button', { name: 'Older versions' })
    await rows.filter({ hasText: /^60/ }).waitFor()
    await older.focus()
    await page.keyboard.press('Enter')
    await rows.filter({ hasText: /^40/ }).waitFor()
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Older versions')
    await page.keyboard.press('Enter')
    await rows.filter({ hasText: /^20/ }).waitFor()
    await older.and(page.locator('[aria-disabled=true]:focus')).waitFor()
    await page.close()
  })
})

const rulesOf = (page: Page) => page.locator('label', { hasText: /^Rules/ }).locator('select')

async function explained(page: Page, number: number): Promise<void> {
  await page.getByText(`by version ${number} of the rules`).waitFor()
}

async function chosen(page: Page): Promise<string | null> {
  const select = rulesOf(page)
  await select.waitFor()
  return select.locator('option:checked').textContent()
}
