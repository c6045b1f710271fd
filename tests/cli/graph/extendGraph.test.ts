import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadConfig } from '../../../cli/config/config'
import { startDeployment } from '../../../cli/deployment/startDeployment'
import { packageRoot } from '../../../lib/packagePaths'
import { type ApolloSubgraph, startApolloSubgraph } from '../../support/apolloSubgraph'
import { postQuery } from '../../support/example'
import { runPresage } from '../../support/presageCommand'

/** docs/federation.md, "Extend the graph that you have", as it is written, beside an Apollo Server. */

const page = readFileSync(join(packageRoot, 'docs/federation.md'), 'utf8')
const section = /^## Extend the graph that you have\n([\s\S]*?)^## /m.exec(page)![1]
/** The blocks of the page by what stands behind their language: a file's name, `query` or `answer`. */
const blocks = new Map(
  [...section.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)].map(([, name, text]) => [name, text]),
)
const commands = [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, text]) =>
  text.trim().split('\n'),
)
const files = ['rover.yaml', 'subgraphs/underwriting/schema.graphql', 'rules.yaml', 'presage.yaml']

const folder = mkdtempSync(join(tmpdir(), 'presage-extend-'))
let payments: ApolloSubgraph

beforeAll(async () => {
  const sdl = `
extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])
type Query { payment(id: ID!): Payment }
type Payment @key(fields: "id") { id: ID! seniority: Int! age: Int! job: String expenses: Float! }`
  const one = { id: '1', seniority: 12, age: 48, job: 'partime', expenses: 35 }
  payments = await startApolloSubgraph(sdl, {
    Query: { payment: () => one },
    Payment: { __resolveReference: () => one },
  })
})
afterAll(async () => {
  await payments.close()
  rmSync(folder, { recursive: true })
})

it('has the files and commands that are followed here', () => {
  expect([...blocks.keys()]).toEqual([...files, 'query', 'answer'])
  expect(commands).toEqual([
    'mkdir income && cd income',
    'npm init -y && npm install presage',
    'cp -r node_modules/presage/examples/own-model/underwriting .',
    'npx presage compose',
    'npx presage start',
  ])
  const { files: packed } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))
  expect(packed.some((path: string) => 'examples/own-model'.startsWith(path))).toBe(true)
})

it('gives a graph that answers as the page says', async () => {
  for (const name of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(
      join(folder, name),
      blocks.get(name)!.replaceAll('http://localhost:4001/graphql', payments.url),
    )
  }
  cpSync(join(packageRoot, 'examples/own-model/underwriting'), join(folder, 'underwriting'), {
    recursive: true,
  })
  expect(await runPresage(['compose'], folder)).toMatchObject({ code: 0, err: '' })
  expect(readFileSync(join(folder, 'supergraph.graphql'), 'utf8')).toContain('expectedIncome: Float')

  const { server, ...config } = loadConfig(join(folder, 'presage.yaml'))
  // Longer than a machine that is busy with tests may stall.
  const deployment = await startDeployment({ ...config, server: { ...server, port: 0, timeout: 20_000 } })
  try {
    await deployment.loaded
    const { data, errors } = await postQuery(deployment.url, blocks.get('query')!)
    expect(errors).toBeUndefined()
    const answer = JSON.parse(blocks.get('answer')!)
    expect(data).toEqual({
      payment: { ...answer.payment, expectedIncome: expect.closeTo(answer.payment.expectedIncome, 3) },
    })
  } finally {
    await deployment.close()
  }
})
