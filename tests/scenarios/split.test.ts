import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../cli/config/config'
import { loadDeploymentSources } from '../../cli/graph/deploymentSources'
import { compiledPath, packageRoot } from '../../lib/packagePaths'
import type { ExplainReport } from '../../lib/request/explain'
import { loadSubgraphSources } from '../../schema/sdl/subgraphSources'
import { postQuery, readCounter } from '../support/example'
import { type NodeProcess, startNode } from '../support/nodeProcess'
import { rounded } from '../support/rounded'
import { type ServerProcess, startProcess, writeConfig } from '../support/serverProcess'

/** The example as one process, and as a gateway with seven subgraphs, each a process of its own. */
const names = ['catalog', 'members', 'recommendations', 'payments', 'trust', 'search', 'platform']
const presage = compiledPath('cli/presage')
const foreignGateway = join(__dirname, '../support/foreignGateway.js')

let embedded: ServerProcess
let subgraphs: NodeProcess[] = []
let gateway: NodeProcess

beforeAll(async () => {
  process.env['PRESAGE_ENVELOPE_KEY'] = 'of-these-nine-processes-only'
  const rover = roverWithFailingCatalog()
  const shards = { main: { kind: 'thread' as const, workers: 1, stallAfter: 10_000 } }
  const configFile = writeConfig((config) => ({
    graph: { ...config.graph, subgraphs: rover },
    server: { ...config.server, timeout: 20_000 },
    shards,
  }))
  const starts = names.map((name) =>
    startNode(
      [presage, '--config', configFile, 'subgraph', name, '--port', '0'],
      /Presage serves \S+ at (\S+)/,
    ),
  )
  ;[embedded, subgraphs] = await Promise.all([startProcess(configFile), Promise.all(starts)])
  const urls = Object.fromEntries(names.map((name, i) => [name, { url: subgraphs[i].ready }]))
  const gatewayConfig = writeConfig((config) => ({ gateway: { ...config.gateway, subgraphs: urls } }))
  gateway = await startNode(
    [presage, '--config', gatewayConfig, 'gateway', '--port', '0'],
    /Presage serves (\S+)/,
  )
}, 120_000)

afterAll(() => Promise.all([gateway, ...subgraphs, embedded].map((process) => process?.stop('SIGKILL'))))

/** The title that is rated least. */
const burnt = String(readJson('movielens/data/titles.json').titles.at(-1)?.['id'])

/** The catalogue as it is, but the genres of that title cannot be had. */
function roverWithFailingCatalog(): string {
  const folder = mkdtempSync(join(tmpdir(), 'presage-split-'))
  mkdirSync(join(folder, 'catalog'))
  copyFileSync(join(packageRoot, 'subgraphs/catalog/schema.graphql'), join(folder, 'catalog/schema.graphql'))
  writeFileSync(
    join(folder, 'catalog/resolvers.js'),
    `const own = require(${JSON.stringify(compiledPath('subgraphs/catalog/resolvers'))})
exports.createResolvers = (settings, services) => {
  const resolvers = own.createResolvers(settings, services)
  const genres = resolvers.Title.genres ?? ((title) => title.genres)
  const failing = (title) => { if (title.id === '${burnt}') throw new Error('the shelf has burnt down'); return genres(title) }
  return { ...resolvers, Title: { ...resolvers.Title, genres: failing } }
}
`,
  )
  const entries = loadSubgraphSources(join(packageRoot, 'rover.yaml')).map(({ name, url, file }) => {
    const own = name === 'catalog' ? join(folder, 'catalog/schema.graphql') : file
    return `  ${name}: { routing_url: "${url}", schema: { file: ${JSON.stringify(own)} } }`
  })
  const rover = join(folder, 'rover.yaml')
  writeFileSync(rover, `subgraphs:\n${entries.join('\n')}\n`)
  return rover
}

const { payments } = readJson('data/payments.json')
const { id: _id, bad: _bad, ...payment } = payments[4]

const operations: Record<string, { query: string; variables?: object }> = {
  'a member with recommendations': {
    query: `{ member(id: "12") { id history(first: 5) { stars title { name } }
      recommendedTitles(first: 10) { score title { id name year genres predictedRating(memberId: "12") } } } }`,
  },
  'recommendations that are written twice, once below a condition': {
    query: `query ($s: Boolean!) { member(id: "1") { recommendedTitles(first: 2) { score }
      ... @include(if: $s) { recommendedTitles(first: 2) { title { year } } } } }`,
    variables: { s: true },
  },
  'a page of titles': {
    query:
      'query ($n: Int!, $s: Int, $m: ID!) { titles(first: $n, skip: $s) { id name predictedRating(memberId: $m) } }',
    variables: { n: 100, s: 0, m: '12' },
  },
  'a thousand titles': {
    query: 'query ($n: Int!, $m: ID!) { titles(first: $n) { id name genres predictedRating(memberId: $m) } }',
    variables: { n: 1000, m: '13' },
  },
  'two members for the same titles': {
    query:
      '{ titles(ids: ["1", "2", "3"]) { name a: predictedRating(memberId: "12") b: predictedRating(memberId: "13") } }',
  },
  'a page of payments': {
    query:
      'query ($n: Int!, $s: Int) { payments(first: $n, skip: $s) { id amount risk { probability decision } } }',
    variables: { n: 300, s: 10 },
  },
  'a payment of the client': {
    query: 'query ($p: PaymentInput!) { paymentRisk(payment: $p) { probability decision } }',
    variables: { p: payment },
  },
  messages: {
    query: 'query ($n: Int!, $s: Int) { messages(first: $n, skip: $s) { id abuse { probability label } } }',
    variables: { n: 300 },
  },
  search: {
    query: '{ searchTitles(text: "teh godfathr", first: 5) { score title { id name year } } }',
  },
  'models and objectives': {
    query: `{ models { name version platform shards ready reason features { name type nullable } outputs { name type } }
      objectives { name description inputs { name type nullable } outputs { name type } default { name version } fields } }`,
  },
  tryModel: {
    query: 'query ($f: [JSON!]!) { tryModel(model: "payment-risk@2", features: $f) }',
    variables: { f: [payment, {}, 7] },
  },
}

/** Answered wrongly by other gateways, which send the alias as the key. */
const operationsOfOurs: typeof operations = {
  'an alias that is called as a key': {
    query: '{ title(id: "1") { id: name predictedRating(memberId: "1") } }',
  },
}

const failing: Record<string, { query: string; variables?: object; code: string }> = {
  'a feature that the model cannot take': {
    query:
      'query ($p: PaymentInput!) { paymentRisk(payment: $p) { probability decision } payments(first: 1) { id } }',
    variables: { p: { ...payment, amount: -1e300 } },
    code: 'BAD_FEATURE',
  },
  'a page that is none': { query: '{ titles(first: 1001) { id } }', code: 'BAD_USER_INPUT' },
  'a model that there is not': {
    query: '{ tryModel(model: "nobody@9", features: []) }',
    code: 'MODEL_NOT_FOUND',
  },
  'an upstream field that failed': {
    query: `{ titles(ids: ["1", "${burnt}", "3"]) { id genres predictedRating(memberId: "12") } }`,
    code: 'UPSTREAM_FAILED',
  },
  'an upstream field that failed and that nobody asked for': {
    query: `{ titles(ids: ["${burnt}", "1"]) { id predictedRating(memberId: "12") } }`,
    code: 'UPSTREAM_FAILED',
  },
  'a field that there is not': { query: '{ titles { colour } }', code: 'GRAPHQL_VALIDATION_FAILED' },
  'a list that is too long': {
    query: 'query ($i: [ID!]) { titles(ids: $i) { id } }',
    variables: { i: new Array(1001).fill('1') },
    code: 'LIST_TOO_LONG',
  },
}

function readJson(file: string): Record<string, Record<string, unknown>[]> {
  return JSON.parse(readFileSync(join(packageRoot, 'examples/streaming', file), 'utf8'))
}

/** Asks the gateway again and again: from the second time on, entities may travel by columns. */
async function bodiesOf(operation: { query: string; variables?: object }) {
  const bodies = []
  for (let time = 0; time < 3; time++) bodies.push(await bodyOf(gateway.ready, operation))
  return bodies
}

async function bodyOf(url: string, { query, variables }: { query: string; variables?: object }) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-member': '12' },
    body: JSON.stringify({ query, variables }),
  })
  return { status: response.status, text: await response.text() }
}

describe('the deployment in nine processes answers byte for byte as the one in one', () => {
  it.each(Object.entries({ ...operations, ...operationsOfOurs }))('%s', async (_, operation) => {
    const expected = await bodyOf(embedded.url, operation)
    expect(expected.status).toBe(200)
    expect(JSON.parse(expected.text).data).not.toBeNull()
    expect(await bodiesOf(operation)).toEqual([expected, expected, expected])
  })

  it.each(Object.entries(failing))('%s', async (_, { code, ...operation }) => {
    const expected = await bodyOf(embedded.url, operation)
    const codes = (JSON.parse(expected.text).errors ?? []).map(
      (error: { extensions: { code: string } }) => error.extensions.code,
    )
    expect(codes).toContain(code)
    expect(await bodiesOf(operation)).toEqual([expected, expected, expected])
  })

  it.each([
    '{ titles(first: 3) { name predictedRating(memberId: "no such member") } }',
    '{ member(id: "0") { id recommendedTitles { score } } }',
    '{ titles(ids: ["3", "999999", "1", "3"]) { id predictedRating(memberId: "12") } }',
  ])('unknown ids: %s', async (query) => {
    const expected = await bodyOf(embedded.url, { query })
    expect(await bodiesOf({ query })).toEqual([expected, expected, expected])
  })
})

describe('who asks why is told', () => {
  const asking = async (url: string, query: string) => {
    const headers = { 'content-type': 'application/json', 'x-member': '12', 'x-presage-explain': '1' }
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })
    const { presage } = ((await response.json()) as { extensions: { presage: ExplainReport } }).extensions
    // Batches and times differ from run to run, and so do the numbers of rules.
    return presage.predictions.map(({ worker, batchRows, queueMs, computeMs, ruleSet, ...facts }) => facts)
  }
  const query = `{ member(id: "12") { best: recommendedTitles(first: 3) { title { name mine: predictedRating(memberId: "12") } } }
    titles(ids: ["1", "2", "1"]) { predictedRating(memberId: "12") } messages(first: 2) { abuse { label } } }`

  it('by the gateway as by the one process, with paths of the client', async () => {
    const expected = await asking(embedded.url, query)
    expect(expected.map(({ path, rows }) => [path, rows])).toEqual([
      ['member.best', 1],
      ['member.best.*.title.mine', 3],
      ['messages.*.abuse', 2],
      ['titles.*.predictedRating', 3],
    ])
    for (let time = 0; time < 3; time++) expect(await asking(gateway.ready, query)).toEqual(expected)
  })

  it('by a subgraph that is asked itself, with paths of its own', async () => {
    const url = subgraphs[names.indexOf('trust')].ready
    expect(await asking(url, '{ messages(first: 2) { abuse { label } } }')).toMatchObject([
      { path: 'messages.*.abuse', rows: 2, field: 'Message.abuse', model: expect.any(String) },
    ])
  })
})

it('an override that is not taken is told by each of them', async () => {
  const headers = { 'content-type': 'application/json', 'x-presage-override': 'ABUSE_SCORE=abuse-score@77' }
  const body = JSON.stringify({ query: '{ messages(first: 2) { abuse { label } } }' })
  const subgraph = subgraphs[names.indexOf('trust')].ready
  for (const url of [embedded.url, gateway.ready, subgraph]) {
    const answer = await (await fetch(url, { method: 'POST', headers, body })).json()
    expect(answer).toMatchObject({ data: { messages: [expect.anything(), expect.anything()] } })
    expect((answer as { extensions?: unknown }).extensions).toEqual({
      presage: {
        ignoredOverrides: [
          { objective: 'ABUSE_SCORE', model: 'abuse-score@77', why: 'the repository has no such version' },
        ],
      },
    })
  }
})

describe.each(['apollo', 'hive'])('the same subgraphs under the gateway of %s', (name) => {
  let foreign: NodeProcess

  beforeAll(async () => {
    foreign = await startNode([foreignGateway, name, supergraphOfProcesses()], /serves (\S+)/)
  })
  afterAll(() => foreign?.stop('SIGKILL'))

  it.each(Object.entries(operations))('%s', async (_, operation) => {
    const [ours, theirs] = await Promise.all([
      bodyOf(gateway.ready, operation),
      bodyOf(foreign.ready, operation),
    ])
    expect(rounded(JSON.parse(theirs.text))).toEqual(rounded(JSON.parse(ours.text)))
  })
})

/** The committed supergraph, with the addresses at which its subgraphs are now. */
function supergraphOfProcesses(): string {
  const sources = loadDeploymentSources(loadConfig(join(packageRoot, 'presage.yaml')))
  const sdl = sources.reduce(
    (text, { name, url }) => text.replace(url, subgraphs[names.indexOf(name)].ready),
    readFileSync(join(packageRoot, 'schema/supergraph.graphql'), 'utf8'),
  )
  const file = join(mkdtempSync(join(tmpdir(), 'presage-foreign-')), 'supergraph.graphql')
  writeFileSync(file, sdl)
  return file
}

describe('the processes between themselves', () => {
  const counted = (base: string, result: string) =>
    readCounter(base.replace(/graphql$/, 'metrics'), 'presage_envelopes_total', { result })

  it('take the envelope of the gateway, and no other', async () => {
    const [catalog] = subgraphs
    const valid = await counted(catalog.ready, 'valid')
    await bodyOf(gateway.ready, { query: '{ titles(first: 1) { name } }' })
    expect(await counted(catalog.ready, 'valid')).toBe(valid + 1)
    expect(await counted(catalog.ready, 'invalid')).toBe(0)
    const headers = { 'x-presage-request': 'AQ' }
    const answer = await postQuery(catalog.ready, '{ titles(first: 1) { id } }', {}, headers)
    expect(answer).toEqual({ data: { titles: [{ id: expect.any(String) }] } })
    expect(await counted(catalog.ready, 'invalid')).toBe(1)
  })

  it('do not take those who ask a public gateway for people on this machine', async () => {
    const urls = Object.fromEntries(names.map((name, i) => [name, { url: subgraphs[i].ready }]))
    const configFile = writeConfig((config) => ({
      gateway: { ...config.gateway, subgraphs: urls },
      trust: { ...config.trust, envelopeKey: '' },
    }))
    const open = await startNode(
      [presage, '--config', configFile, 'gateway', '--host', '0.0.0.0', '--port', '0'],
      /Presage serves (\S+)/,
    )
    const answer = await postQuery(
      open.ready.replace('0.0.0.0', '127.0.0.1'),
      '{ models { name } titles(first: 1) { id } }',
    )
    await open.stop('SIGKILL')
    expect(answer.errors?.map((error) => error.extensions.code)).toEqual(['FORBIDDEN'])
    expect(open.stderr()).toContain('Headers for context.member, context.country count only from')
  })

  it('hold only the models that their fields need; the platform holds all', async () => {
    const loaded = await Promise.all(
      subgraphs.map(async ({ stderr }) => /\d+ of (\d+) model version/.exec(stderr())?.[1] ?? '0'),
    )
    expect(loaded).toEqual(['0', '0', '2', '1', '1', '1', '14'])
    for (const { ready } of subgraphs) {
      const health = await fetch(ready.replace(/graphql$/, 'health/ready'))
      expect([health.status, await health.json()]).toEqual([200, { ready: true, reasons: [] }])
    }
  })

  it('finish and exit with 0 on SIGTERM', async () => {
    expect(await subgraphs[0].stop()).toBe(0)
    const { data, errors } = await postQuery(
      gateway.ready,
      '{ member(id: "12") { history(first: 1) { title { name } } } payments(first: 1) { id } }',
    )
    expect(data).toEqual({ member: { history: [{ title: { name: null } }] }, payments: [{ id: '1' }] })
    expect(errors?.[0].extensions.code).toBe('UPSTREAM_FAILED')
  })
})

it('each process tells the console its own metrics, and a gateway that it has no predictions in them', async () => {
  for (const [{ ready }, source] of [
    [gateway, 'gateway'],
    [subgraphs[1], 'process'],
  ] as const) {
    const url = ready.replace(/graphql$/, 'console/metrics?names=presage_http_requests_total&by=')
    const response = await fetch(url)
    expect([response.status, await response.json()]).toEqual([
      200,
      expect.objectContaining({ source, series: [expect.objectContaining({ kind: 'counter' })] }),
    ])
  }
})
