import { appendFileSync, cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../cli/config/config'
import { loadGraph } from '../../cli/graph/graph'
import { createAllResolvers } from '../../cli/graph/subgraphResolvers'
import { compiledPath, packageRoot } from '../../lib/packagePaths'
import type { ExplainReport } from '../../lib/request/explain'
import { type Answer, postQuery } from '../support/example'
import { type NodeProcess, startNode } from '../support/nodeProcess'
import { rounded } from '../support/rounded'
import { writeConfig } from '../support/serverProcess'

/** A team's own server with a prediction field, beside a subgraph that Presage serves, under three gateways. */
const presage = compiledPath('cli/presage')
const example = join(packageRoot, 'examples/own-subgraph')
const foreignGateway = join(__dirname, '../support/foreignGateway.js')

let catalog: NodeProcess
let watchlist: NodeProcess
const gateways: Record<string, NodeProcess> = {}

beforeAll(async () => {
  process.env['PORT'] = '0'
  const config = writeConfig()
  ;[catalog, watchlist] = await Promise.all([
    startNode([presage, '--config', config, 'subgraph', 'catalog', '--port', '0'], / at (\S+)/),
    startNode([join(patientCopy(), 'server.js')], /watchlist at (\S+)/),
  ])
  const file = await supergraphFile()
  ;[gateways['ours'], gateways['apollo'], gateways['hive']] = await Promise.all([
    startNode(
      [presage, '--config', writeConfig(), 'gateway', '--supergraph', file, '--port', '0'],
      /Presage serves (\S+)/,
    ),
    startNode([foreignGateway, 'apollo', file], /serves (\S+)/),
    startNode([foreignGateway, 'hive', file], /serves (\S+)/),
  ])
}, 120_000)

afterAll(() =>
  Promise.all([...Object.values(gateways), watchlist, catalog].map((process) => process?.stop('SIGKILL'))),
)

/** The example, as a team has it, whose requests have more time: a machine that is busy with tests may stand still for seconds. */
function patientCopy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'presage-own-subgraph-'))
  cpSync(example, join(folder, 'watchlist'), { recursive: true })
  appendFileSync(join(folder, 'watchlist/presage.yaml'), '\nserver: { timeout: 20s }\n')
  symlinkSync(join(packageRoot, 'examples/streaming'), join(folder, 'streaming'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(packageRoot, join(folder, 'node_modules/presage'))
  symlinkSync(join(packageRoot, 'node_modules/@apollo'), join(folder, 'node_modules/@apollo'))
  return join(folder, 'watchlist')
}

async function supergraphFile(): Promise<string> {
  process.env['CATALOG_URL'] = catalog.ready
  process.env['WATCHLIST_URL'] = watchlist.ready
  const config = loadConfig(join(example, 'presage.yaml'))
  const file = join(mkdtempSync(join(tmpdir(), 'presage-own-subgraph-')), 'supergraph.graphql')
  writeFileSync(file, loadGraph(config, await createAllResolvers(config)).supergraphSdl)
  return file
}

const operations = {
  'own fields, those of the catalogue and predictions': `{ watchlist(memberId: "12") {
    addedOn note title { id name year genres watchlistedBy a: expectedRating(memberId: "12") b: expectedRating(memberId: "13") } } }`,
  'a prediction alone, whose inputs come from elsewhere':
    '{ watchlist(memberId: "13") { title { expectedRating(memberId: "13") } } }',
  'predictions from the catalogue on':
    '{ titles(first: 50) { id expectedRating(memberId: "12") watchlistedBy } }',
  'a title that nobody knows':
    '{ titles(ids: ["999999"]) { id expectedRating(memberId: "12") } watchlist(memberId: "0") { note } }',
}

const ask = (name: string, query: string) => postQuery(gateways[name].ready, query)

/** Of errors what does not depend on who passes them on; Hive's paths leave out which item it was. */
const codes = ({ errors }: Answer) =>
  errors?.map(({ path, extensions }) => ({
    path: path?.filter((segment) => typeof segment === 'string').join('.'),
    code: extensions.code,
  }))

describe.each(['apollo', 'hive'])('%s', (name) => {
  it.each(Object.entries(operations))('answers as ours: %s', async (_, query) => {
    const ours = await ask('ours', query)
    expect(ours.errors).toBeUndefined()
    expect(rounded(await ask(name, query))).toEqual(rounded(ours))
  })

  it('gets the same coded error for the one row that is too many, and all others', async () => {
    const query = '{ titles(first: 501) { id expectedRating(memberId: "12") } }'
    const [ours, theirs] = await Promise.all([ask('ours', query), ask(name, query)])
    expect(ours.errors?.[0].path).toEqual(['titles', 500, 'expectedRating'])
    expect(codes(ours)).toEqual([{ path: 'titles.expectedRating', code: 'TOO_MANY_ROWS' }])
    expect(codes(theirs)).toEqual(codes(ours))
    expect(rounded(theirs.data)).toEqual(rounded(ours.data))
  })
})

it('predicts', async () => {
  const { data } = await ask('ours', operations['predictions from the catalogue on'])
  expect(data.titles).toHaveLength(50)
  for (const { expectedRating } of data.titles) {
    expect(expectedRating).toBeGreaterThan(0.4)
    expect(expectedRating).toBeLessThan(5.1)
  }
})

it('tells who asks it why', async () => {
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Title { expectedRating(memberId: "12") } } }`
  const r = ['1', '2'].map((id) => ({ __typename: 'Title', id, genres: ['Comedy'], year: 1995 }))
  const { extensions } = (await postQuery(watchlist.ready, query, { r }, { 'x-presage-explain': '1' })) as {
    extensions?: { presage: ExplainReport }
  }
  expect(extensions?.presage.predictions).toMatchObject([
    {
      path: '_entities.*.expectedRating',
      rows: 2,
      objective: 'PREDICT_RATING',
      reason: 'default',
      batchRows: 2,
    },
  ])
})

it('ends with 0 on SIGTERM', async () => {
  expect(await watchlist.stop()).toBe(0)
})
