import { mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { composeServices } from '@theguild/federation-composition'
import { parse } from 'graphql'
import { compiledPath } from '../../lib/packagePaths'
import { freePort } from '../support/freePort'
import { load } from '../support/load'
import { type NodeProcess, startNode } from '../support/nodeProcess'
import { sdlOf } from '../support/subgraphProcess'

/** The gateway as it is run in production: processes of its own for it and for its subgraphs. */
const script = join(__dirname, '../support/subgraphProcess.js')
const startSubgraph = (name: string, port = '0') => startNode([script, name, port], /serves (\d+)/)

const folder = mkdtempSync(join(tmpdir(), 'presage-swap-'))
const file = join(folder, 'supergraph.graphql')
const served = /supergraph\.graphql: now in service/

let catalog: NodeProcess
let ratings: NodeProcess
let gateway: NodeProcess

beforeAll(async () => {
  // The port is used again.
  const port = String(await freePort())
  ;[catalog, ratings] = await Promise.all([startSubgraph('catalog'), startSubgraph('ratings', port)])
  put(0)
  const config = join(folder, 'presage.yaml')
  // A machine that is busy with tests may stall for a second.
  writeFileSync(config, 'gateway: { timeout: 20s }\n')
  gateway = await startNode(
    [compiledPath('cli/presage'), '--config', config, 'gateway', '--supergraph', file, '--port', '0'],
    /Presage serves (\S+)/,
  )
})

afterAll(() => Promise.all([gateway, catalog, ratings].map((process) => process.stop('SIGKILL'))))

/** Puts another supergraph in the place of the file. Every second one moves `ratings` to another address of the same server. */
function put(version: number): void {
  const { supergraphSdl } = composeServices(
    [
      { name: 'catalog', port: catalog.ready },
      { name: 'ratings', port: ratings.ready },
    ].map(({ name, port }) => ({
      name,
      url: `http://127.0.0.1:${port}/graphql${name === 'ratings' && version % 2 === 1 ? '?moved' : ''}`,
      typeDefs: parse(sdlOf(name)),
    })),
  )
  writeFileSync(`${file}.next`, `# version ${version}\n${supergraphSdl}`)
  renameSync(`${file}.next`, file)
}

const healthy = [{ query: '{ titles { id name } }' }, { query: 'mutation { touch }' }]
const mixed = [
  { query: '{ titles { id name rating } }' },
  { query: 'query ($on: Boolean!) { titles { name rating @include(if: $on) } }', variables: { on: true } },
  { query: '{ best { id rating name } }' },
]
const pick = (queries: readonly { query: string; variables?: object }[]) => (n: number) => {
  const { query, variables = {} } = queries[n % queries.length]
  return { query, variables }
}

async function ask(query: string) {
  const response = await fetch(gateway.ready, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  return (await response.json()) as {
    data: unknown
    errors?: { path: unknown; extensions: { code: string } }[]
  }
}

test('100 supergraphs, one after the other, under load: no request fails', async () => {
  const swapped = (async () => {
    for (let version = 1; version <= 100; version++) {
      put(version)
      await gateway.written(served, version)
    }
  })()
  const { answered, failures } = await load(gateway.ready, 2, pick([...healthy, ...mixed]), swapped)
  await swapped
  expect(failures).toEqual([])
  expect(answered).toBeGreaterThan(100)
})

test('a broken supergraph under load: no request fails, and one line says why', async () => {
  const refused = (async () => {
    writeFileSync(file, 'type Query {')
    await gateway.written(/the last valid one stays in service/, 1)
  })()
  expect((await load(gateway.ready, 4, pick([...healthy, ...mixed]), refused)).failures).toEqual([])
})

test('a subgraph killed and started again: what the others can answer is answered all the while', async () => {
  const wrong: unknown[] = []
  const away = (async () => {
    await ratings.stop('SIGKILL')
    for (let i = 0; i < 5; i++) {
      const { data, errors } = await ask('{ titles { name rating } }')
      const names = (data as { titles: { name: string; rating: null }[] }).titles.map(
        ({ name, rating }) => `${name} ${rating}`,
      )
      const lost = errors?.map(({ path, extensions }) => `${path} ${extensions.code}`)
      const expected = [1, 2, 3, 4, 5].map((id) => `title ${id} null`)
      if (String(names) !== String(expected) || !lost?.every((one) => /UPSTREAM_FAILED$/.test(one))) {
        wrong.push({ data, errors })
      }
    }
    ratings = await startSubgraph('ratings', ratings.ready)
  })()
  const { answered, failures } = await load(gateway.ready, 4, pick(healthy), away)
  await away
  expect(failures).toEqual([])
  expect(answered).toBeGreaterThan(0)
  expect(wrong).toEqual([])
  expect(await ask('{ best { rating name } }')).toEqual({ data: { best: { rating: 2.5, name: 'title 5' } } })
})

test('SIGTERM under load: every request that was accepted is answered, and the exit code is 0', async () => {
  const loaded = load(gateway.ready, 4, pick([...healthy, ...mixed]), new Promise(() => {}))
  await Promise.all(Array.from({ length: 20 }, () => ask('{ best { id } }')))
  expect(await gateway.stop()).toBe(0)
  const { answered, failures } = await loaded
  expect(failures).toEqual([])
  expect(answered).toBeGreaterThan(0)
})
