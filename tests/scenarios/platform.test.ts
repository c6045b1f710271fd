import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compiledPath, packageRoot } from '../../lib/packagePaths'
import { postQuery } from '../support/example'
import { type NodeProcess, startNode } from '../support/nodeProcess'
import { runPresageSync } from '../support/presageCommand'

/** The platform in a folder of a team's own, which holds none of our files. */
const presage = compiledPath('cli/presage')
const running: NodeProcess[] = []

afterEach(() => Promise.all(running.splice(0).map((process) => process.stop('SIGKILL'))))

const shop = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  @link(url: "https://specs.presage.dev/predict/v1.0", import: ["@predict"])

type Query { risk(seniority: Int!, time: Int!, age: Int!, records: String!, expenses: Float!, amount: Float!, price: Float!): Float
  @predict(objective: "PAYMENT_RISK", output: "probability") }
`

/** A folder with one subgraph, whose schema gets `more`, and a configuration with `lines`. */
function ownFolder(lines: string, { name = 'shop', more = '' } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'presage-platform-'))
  const put = (file: string, text: string) => writeFileSync(join(folder, file), text)
  mkdirSync(join(folder, 'shop'))
  put('shop/schema.graphql', shop + more)
  put('rules.yaml', 'objectives: { PAYMENT_RISK: { default: payment-risk@2 } }')
  put(
    'rover.yaml',
    `subgraphs: { ${name}: { routing_url: "http://shop", schema: { file: shop/schema.graphql } } }`,
  )
  put(
    'presage.yaml',
    `graph: { supergraph: supergraph.graphql, planLock: plan.lock.json }
# A machine that is busy with tests may stand still for seconds.
server: { timeout: 60s }
repositories: [${join(packageRoot, 'examples/streaming')}]
shards: { main: { workers: 1 } }
${lines}
`,
  )
  return folder
}

async function start(folder: string, ...args: string[]): Promise<NodeProcess> {
  const server = await startNode([presage, ...args, '--port', '0'], /Presage serves.* (http\S+)/, folder)
  running.push(server)
  return server
}

const reading = '{ objectives { name default { name version } fields } models { name ready } }'
const trying = `{ tryModel(model: "payment-risk@2", features:
  [{ seniority: 3, time: 60, age: 32, records: "no", expenses: 50, amount: 1100, price: 1226 }]) }`

it('is part of what start serves, and of what compose writes, without a file in the folder', async () => {
  const folder = ownFolder('platform: true\ntryModel: true\nrules: { mutations: true }')
  expect(runPresageSync(['compose'], { cwd: folder })).toMatchObject({ code: 0, err: '' })
  expect(runPresageSync(['compose', '--check'], { cwd: folder })).toMatchObject({ code: 0, err: '' })
  const server = await start(folder, 'start')
  expect(server.stderr()).toContain(
    'Anyone who reaches this server may read it and run any model version (tryModel).',
  )
  expect(server.stderr()).toContain('All have the role researcher here: they see models and rules, and may')
  expect(server.stderr()).not.toContain('always null')
  expect(server.stderr()).toContain(
    'presage.yaml: rules.mutations has no effect without trust.jwt: nobody is an operator',
  )
  const { data } = await postQuery(server.ready, reading)
  expect(data.objectives).toContainEqual({
    name: 'PAYMENT_RISK',
    default: { name: 'payment-risk', version: '2' },
    fields: ['Query.risk'],
  })
  expect(data.models).toContainEqual({ name: 'payment-risk', ready: true })
  const tried = await postQuery(server.ready, trying)
  expect(tried.data.tryModel).toEqual([{ probability: expect.any(Number), decision: expect.any(String) }])
})

it('is not there unless the configuration says so, and what needs it is not announced', async () => {
  const folder = ownFolder('tryModel: true')
  const server = await start(folder, 'start')
  expect(server.stderr()).toContain('Anyone who reaches this server may read it.')
  expect(server.stderr()).toContain('All have the role researcher here: they may send x-presage-explain')
  expect(server.stderr()).toContain('presage.yaml: tryModel has no effect without platform: true')
  const { errors } = await postQuery(server.ready, trying)
  expect(errors?.map(({ message }) => message)).toEqual(['Cannot query field "tryModel" on type "Query".'])
  expect(readFileSync(join(folder, 'rover.yaml'), 'utf8')).not.toContain('platform')
})

it('is a process of its own behind a gateway, at the URL that the configuration says', async () => {
  const folder = ownFolder(
    'platform: true\ntryModel: true\nrules: { mutations: true }\ntrust: { envelopeKey: "of-these-three-processes-only" }',
  )
  const [alone, prediction] = await Promise.all([
    start(folder, 'subgraph', 'platform'),
    start(folder, 'subgraph', 'shop'),
  ])
  expect(alone.stderr()).not.toContain('has no effect')
  const file = join(folder, 'presage.yaml')
  const gatewayUrls = `gateway: { subgraphs: { shop: { url: "${prediction.ready}" } } }\n`
  const text = readFileSync(file, 'utf8').replace('platform: true', `platform: { url: "${alone.ready}" }`)
  writeFileSync(file, text + gatewayUrls)
  expect(runPresageSync(['compose'], { cwd: folder })).toMatchObject({ code: 0, err: '' })
  const gateway = await start(folder, 'gateway')
  const { data, errors } = await postQuery(gateway.ready, `${trying.slice(0, -1)} models { ready } }`)
  expect(errors).toBeUndefined()
  expect(data.tryModel).toEqual([{ probability: expect.any(Number), decision: expect.any(String) }])
  expect(data.models).toContainEqual({ ready: true })
})

it('tells those who read it why a version is not ready, and other clients only that it is not', async () => {
  const folder = ownFolder('platform: true')
  const streaming = join(packageRoot, 'examples/streaming')
  for (const part of ['objectives', 'models/payment-risk/2']) {
    cpSync(join(streaming, part), join(folder, 'own', part), { recursive: true })
  }
  const golden = join(folder, 'own/models/payment-risk/2/golden.json')
  writeFileSync(
    golden,
    readFileSync(golden, 'utf8').replace(/"probability": [\d.]+/, '"probability": 0.123456'),
  )
  const file = join(folder, 'presage.yaml')
  writeFileSync(file, readFileSync(file, 'utf8').replace(streaming, 'own'))
  const server = await start(folder, 'start')

  const asked =
    '{ risk(seniority: 3, time: 60, age: 32, records: "no", expenses: 50, amount: 1100, price: 1226) }'
  expect(await postQuery(server.ready, asked)).toEqual({
    data: { risk: null },
    errors: [
      {
        message: 'payment-risk@2 is not ready: it is not fit to serve',
        path: ['risk'],
        locations: [{ line: 1, column: 3 }],
        extensions: { code: 'MODEL_NOT_READY', model: 'payment-risk@2' },
      },
    ],
  })
  const why = /golden cases: case 0: probability: must be 0\.123456, got/
  const { data } = await postQuery(server.ready, '{ models { state reason goldenCases } }')
  expect(data.models).toEqual([
    { state: 'refused', reason: expect.stringMatching(why), goldenCases: expect.any(Number) },
  ])
  expect(server.stderr()).toMatch(why)
})

describe('compose refuses', () => {
  it.each<[string, Parameters<typeof ownFolder>[1], string[]]>([
    [
      'a subgraph with its name',
      { name: 'platform' },
      [
        'rover.yaml: subgraphs.platform: must have another name beside the built-in subgraph (platform in presage.yaml), got platform',
      ],
    ],
    [
      'types and root fields with names of its own, but not the same scalar',
      { more: 'type Model { id: ID! }\nscalar JSON\nextend type Query { models: [Model!] }' },
      ['7 Model', '9 Query.models'].map(
        (what) =>
          `shop/schema.graphql:${what}: must have another name beside the built-in subgraph, which has ${what.split(' ')[1]} too; rename it, or write platform: false in presage.yaml`,
      ),
    ],
  ])('%s', (_, parts, problems) => {
    const { code, err } = runPresageSync(['compose'], { cwd: ownFolder('platform: true', parts) })
    expect([code, err.trim().split('\n').slice(0, -1)]).toEqual([1, problems])
  })

  it('neither without it', () => {
    const parts = { name: 'platform', more: 'type Model { id: ID! }\nextend type Query { models: [Model!] }' }
    expect(runPresageSync(['compose'], { cwd: ownFolder('', parts) })).toMatchObject({ code: 0, err: '' })
  })
})
