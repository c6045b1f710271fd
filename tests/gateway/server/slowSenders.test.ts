import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import type { HttpServer } from '../../../gateway/server/httpServer'
import { federate } from '../federate'
import { startServer } from '../startServer'

const federation = federate({
  a: { typeDefs: 'type Query { hello: String }', resolvers: { Query: { hello: () => 'you' } } },
})

test('who never ends its request is cut off, whether it stops in the headers or in the body, and others are served meanwhile', async () => {
  const server = await start(1_500)
  try {
    const slow = [
      'POST /graphql HTTP/1.1\r\nhost: a\r\n',
      'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"query":',
    ]
    // Its connection is kept: one that is new counts as slow while the machine stands still.
    await ask(server.url)
    let isOver = false
    const answers = Promise.all(slow.map((text) => sendAndWait(server.port, text))).finally(() => {
      isOver = true
    })
    do await ask(server.url)
    while (!isOver)
    expect((await answers).map((answer) => answer.slice(0, 12))).toEqual(['HTTP/1.1 408', 'HTTP/1.1 408'])
  } finally {
    await server.close()
  }
})

test('who rests between two requests is not', async () => {
  const server = await start(500)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    const first = await get(server.url, agent)
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    expect(await get(server.url, agent)).toBe(first)
  } finally {
    agent.destroy()
    await server.close()
  }
})

function start(sendTimeoutMs: number): Promise<HttpServer> {
  return startServer({
    gateway: federation.gateway,
    maxBodyBytes: 1_000,
    sendTimeoutMs,
    introspection: false,
  })
}

/** The local port of the connection that was used. */
function get(url: string, agent: Agent): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const message = request(`${url}/health/live`, { agent }, (response) => {
      const { localPort } = response.socket
      response.resume().on('end', () => resolve(localPort))
    })
    message.on('error', reject).end()
  })
}

/** What comes until the server closes the connection. */
async function sendAndWait(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  socket.write(text)
  await once(socket, 'close')
  return answer
}

async function ask(url: string): Promise<void> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ hello }' }),
  })
  expect(await response.json()).toEqual({ data: { hello: 'you' } })
}
