import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { transformSync } from '@swc/core'
import { of } from 'rxjs'
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

/** A block that is a file of the reader's, by its name. */
const fileOf = (name: string): string => {
  const [, text] = new RegExp(`^\`\`\`\\w+ ${name}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page) ?? []
  return text
}

it.each([
  ['OVERLOADED', 2],
  ['BAD_FEATURE', 1],
])('asks once more for an answer with a failure that may pass, and for no other: %s', async (code, times) => {
  const { onceMore } = evaluated(fileOf('onceMore.js')) as { onceMore: ApolloLink }
  let asked = 0
  const failing = new ApolloLink(() => {
    asked++
    const error = { message: 'failed', path: ['a'], extensions: { code, retryAfterMs: 0 } }
    return of({ data: { a: null }, errors: [error] })
  })
  const link = ApolloLink.from([onceMore, failing])
  const client = new ApolloClient({ link, cache: new InMemoryCache() })
  const { data } = await client.query({ query: gql`{ a }`, errorPolicy: 'all' })
  expect([data, asked]).toEqual([{ a: null }, times])
})

it('declares the error policy as the compiler wants it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'presage-clients-'))
  symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(
    join(folder, 'client.ts'),
    `import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client'
export const client = new ApolloClient({
  link: new HttpLink({ uri: '/graphql' }),
  cache: new InMemoryCache(),
  defaultOptions: { query: { errorPolicy: 'all' }, watchQuery: { errorPolicy: 'all' } },
})
`,
  )
  writeFileSync(join(folder, 'apollo.d.ts'), fileOf('apollo.d.ts'))
  expect(compile(folder, 'client.ts', 'apollo.d.ts')).toBe('')
  expect(compile(folder, 'client.ts')).toContain('DeclareDefaultOptions')
  rmSync(folder, { recursive: true })
})

/** What the compiler says. */
function compile(folder: string, ...files: readonly string[]): string {
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'nodenext']
  const tsc = join(packageRoot, 'node_modules/typescript/bin/tsc')
  return spawnSync(process.execPath, [tsc, ...options, ...files], { cwd: folder, encoding: 'utf8' }).stdout
}

async function outputOf(block: string): Promise<string[]> {
  // Top-level await is of ES modules, which Jest does not run: imports come first, and the rest is a function.
  const imports = block.match(/^import .*$/gm) ?? []
  const body = block.replaceAll(/^import .*$/gm, '')
  const exported = evaluated(`${imports.join('\n')}\nexport async function run(console) {\n${body}\n}`)
  const lines: string[] = []
  const { run } = exported as { run(console: { log: (...values: unknown[]) => void }): Promise<void> }
  await run({ log: (...values) => lines.push(values.map(String).join(' ')) })
  return lines
}

/** What a module exports. */
function evaluated(text: string): unknown {
  const { code } = transformSync(text, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  })
  const exported = {}
  new Function('require', 'exports', code)(require, exported)
  return exported
}
