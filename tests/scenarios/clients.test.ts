import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from '@swc/core'
import { packageRoot } from '../../lib/packagePaths'
import { type Example, startExample } from '../support/example'

/** The examples of docs/clients.md, run as they stand: what they print is in the comment beside it. */

let example: Example

beforeAll(async () => {
  example = await startExample()
})
afterAll(() => example.close())

const page = readFileSync(join(packageRoot, 'docs/clients.md'), 'utf8')
const blocks = [...page.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, block]) => block)

it('the page has examples', () => expect(blocks).toHaveLength(4))

it.each(blocks)('prints what the page says: %#', async (block) => {
  const promised = [...block.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map(([, output]) => output)
  expect(promised).not.toHaveLength(0)
  expect(await outputOf(block.replaceAll('http://127.0.0.1:4000/graphql', example.url))).toEqual(promised)
})

async function outputOf(block: string): Promise<string[]> {
  // Top-level await is of ES modules, which Jest does not run: imports come first, and the rest is a function.
  const imports = block.match(/^import .*$/gm) ?? []
  const body = block.replaceAll(/^import .*$/gm, '')
  const { code } = transformSync(`${imports.join('\n')}\nexport async function run(console) {\n${body}\n}`, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  })
  const lines: string[] = []
  const exported: { run?: (console: { log: (...values: unknown[]) => void }) => Promise<void> } = {}
  new Function('require', 'exports', code)(require, exported)
  await exported.run!({ log: (...values) => lines.push(values.map(String).join(' ')) })
  return lines
}
