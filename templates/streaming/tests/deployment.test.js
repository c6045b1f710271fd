import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'

let server
let url

/** Starts the deployment as `npm start` does, on a free port, and waits until it prints its URL. */
before(async () => {
  server = spawn('presage', ['start', '--port', '0'], {
    // In a workspace, the command is in a folder further up, which npm puts into the path.
    env: { ...process.env, PATH: `node_modules/.bin:${process.env.PATH}` },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  for await (const line of createInterface({ input: server.stderr })) {
    url = /http:\S+\/graphql/.exec(line)?.[0]
    if (url !== undefined) break
  }
  assert.ok(url, 'presage start ended before it served')
})

after(async () => {
  server.kill()
  if (server.exitCode === null) await once(server, 'exit')
})

async function ask(query, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  })
  const { data, errors } = await response.json()
  assert.equal(errors, undefined)
  return data
}

test('every model version is ready', async () => {
  const { models } = await ask('{ models { name version ready } }')
  assert.ok(models.length > 0 && models.every(({ ready }) => ready))
})

test('titles of a watchlist have names of one subgraph and ratings of another', async () => {
  const { member } = await ask('{ member(id: "ada") { watchlist { name predictedRating } } }')
  assert.deepEqual(
    member.watchlist.map(({ name }) => name),
    ['A Trip to the Moon', 'Metropolis', 'The Invisible Man'],
  )
  for (const { predictedRating } of member.watchlist)
    assert.ok(predictedRating >= 0.5 && predictedRating <= 5)
})

test('a member in the other cell of the experiment gets ratings of the other version', async () => {
  const query = '{ titles { predictedRating } }'
  const nobody = await ask(query)
  assert.deepEqual(await ask(query, { 'x-member': 'ada' }), nobody)
  assert.notDeepEqual(await ask(query, { 'x-member': 'grace' }), nobody)
})
