import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'

const started = []
let subgraph
let gateway

/** Starts a program and waits until it prints its URL. */
async function start(command, args) {
  const child = spawn(command, args, {
    // In a workspace, `presage` is in a folder further up, which npm puts into the path.
    env: { ...process.env, PORT: '0', PATH: `node_modules/.bin:${process.env.PATH}` },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  started.push(child)
  for await (const line of createInterface({ input: child.stderr })) {
    const url = /serve[sd] .*?(http:\S+)/.exec(line)?.[1]
    if (url !== undefined) return url
  }
  throw new Error(`${command} ${args.join(' ')} ended before it served`)
}

/** Starts the team's own server, and a gateway as `npm run gateway` does, on free ports. */
before(async () => {
  subgraph = await start('node', ['server.js'])
  const folder = await mkdtemp(join(tmpdir(), 'supergraph-'))
  const supergraph = join(folder, 'supergraph.graphql')
  await cp('schema/supergraph.graphql', supergraph)
  const sdl = await readFile(supergraph, 'utf8')
  await writeFile(supergraph, sdl.replace('http://127.0.0.1:4101/graphql', subgraph))
  gateway = await start('presage', ['gateway', '--supergraph', supergraph])
})

after(async () => {
  for (const child of started.reverse()) {
    child.kill()
    if (child.exitCode === null) await once(child, 'exit')
  }
})

async function ask(url, query) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  return response.json()
}

const query = '{ orders { id category returnRisk } }'

test('every order has a risk between 0 and 1', async () => {
  const { data, errors } = await ask(subgraph, query)
  assert.equal(errors, undefined)
  for (const { returnRisk } of data.orders) assert.ok(returnRisk > 0 && returnRisk < 1)
})

test('a gateway answers the same', async () => {
  assert.deepEqual(await ask(gateway, query), await ask(subgraph, query))
})

test('an order is found by its key, as gateways ask for it', async () => {
  const { data } = await ask(
    subgraph,
    '{ _entities(representations: [{ __typename: "Order", id: "1" }]) { ... on Order { id returnRisk } } }',
  )
  assert.equal(data._entities[0].id, '1')
})
