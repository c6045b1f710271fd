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

async function ask(query) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  return response.json()
}

test('every model version is ready', async () => {
  const { data, errors } = await ask('{ models { name version ready } }')
  assert.equal(errors, undefined)
  assert.ok(data.models.length > 0 && data.models.every(({ ready }) => ready))
})

test('every order has a risk between 0 and 1, and books have less than shoes', async () => {
  const { data, errors } = await ask('{ orders { category returnRisk } }')
  assert.equal(errors, undefined)
  for (const { returnRisk } of data.orders) assert.ok(returnRisk > 0 && returnRisk < 1)
  const mean = (category) => {
    const risks = data.orders.filter((order) => order.category === category).map((order) => order.returnRisk)
    return risks.reduce((sum, risk) => sum + risk, 0) / risks.length
  }
  assert.ok(mean('BOOKS') < mean('SHOES'))
})
