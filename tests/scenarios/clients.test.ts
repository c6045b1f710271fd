import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { transformSync } from '@swc/core'
import { packageRoot } from '../../lib/packagePaths'
import { type Example, startExample } from '../support/example'
import { type NewProject, newProject } from '../support/newProject'
import type { NodeProcess } from '../support/nodeProcess'

/** The examples of docs/clients.md, run as they stand: what they print is in the comment beside it. */

let project: NewProject
let dev: NodeProcess
let example: Example

beforeAll(async () => {
  project = newProject('streaming')
  project.bePatient()
  project.save('data/titles.json', (titles) => titles.replace('"year": 1931', '"year": 31'))
  ;[dev, example] = await Promise.all([project.dev(), startExample()])
})
afterAll(async () => {
  await dev?.stop()
  project?.dispose()
  await example?.close()
})

const page = readFileSync(join(packageRoot, 'docs/clients.md'), 'utf8')
const blocks = [...page.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, block]) => block)

it('the page has examples', () => expect(blocks).toHaveLength(4))

it.each(blocks)('prints what the page says: %#', async (block) => {
  const promised = [...block.matchAll(/console\.log\(.*\/\/ (.*)$/gm)].map(([, output]) => output)
  expect(promised).not.toHaveLength(0)
  expect(await outputOf(block.replaceAll('http://127.0.0.1:4000/graphql', dev.ready))).toEqual(promised)
})

it.each([
  [true, { probability: expect.any(Number), label: 'HAM' }],
  [false, null],
])('a prediction that is an object is kept whole by Apollo Client with merge: %s', async (merge, kept) => {
  const cache = new InMemoryCache(merge ? { typePolicies: { AbuseScore: { merge } } } : {})
  const client = new ApolloClient({ link: new HttpLink({ uri: example.url }), cache })
  await client.query({ query: gql`{ message(id: "1") { id abuse { probability } } }` })
  await client.query({ query: gql`{ message(id: "1") { id abuse { label } } }` })
  const found = client.readFragment<{ abuse: object }>({
    id: 'Message:1',
    fragment: gql`fragment Abuse on Message { abuse { probability label } }`,
  })
  expect(found?.abuse ?? null).toEqual(kept === null ? null : expect.objectContaining(kept))
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
