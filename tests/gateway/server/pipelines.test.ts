import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { settle } from '../../support/fakeClock'
import { federate } from '../federate'
import { startServer } from '../startServer'

let release: (() => void)[] = []

const federation = federate({
  a: {
    typeDefs: 'type Query { hello: String held(n: Int): Int }',
    resolvers: {
      Query: {
        hello: () => 'you',
        held: (_: unknown, { n }: { n: number }) =>
          new Promise((resolve) => {
            release[n] = () => resolve(n)
          }),
      },
    },
  },
})

function requestOf(query: string): string {
  const body = JSON.stringify({ query })
  return `POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

test('of many requests that one connection sends at once, the first hundred are answered, and all in their order', async () => {
  const server = await startServer({ gateway: federation.gateway })
  try {
    const request = requestOf('{ hello }')
    const count = 300
    const socket = connect(server.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(request.repeat(count))
    let text = ''
    const statuses = () => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
    for await (const chunk of socket) {
      text += chunk
      if (statuses().length === count && text.trimEnd().endsWith('}')) break
    }
    expect(statuses().slice(0, 100)).toEqual(Array(100).fill('200'))
    const later = statuses().slice(100)
    expect(later).toContain('503')
    expect(new Set(later).size).toBeLessThanOrEqual(2)
    expect(text.match(/"code":"OVERLOADED"/g)?.length).toBe(later.filter((status) => status === '503').length)
  } finally {
    await server.close()
  }
})

test('many preflights that one connection sends at once are answered or refused', async () => {
  const server = await startServer({ gateway: federation.gateway, corsOrigins: ['https://a.example'] })
  const socket = connect(server.port, '127.0.0.1')
  try {
    const count = 300
    await once(socket, 'connect')
    socket.write('OPTIONS /graphql HTTP/1.1\r\nhost: a\r\norigin: https://a.example\r\n\r\n'.repeat(count))
    let text = ''
    const statuses = () => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
    for await (const chunk of socket) {
      text += chunk
      if (statuses().length === count) break
    }
    expect(new Set(statuses())).toEqual(new Set(['204', '503']))
  } finally {
    socket.destroy()
    await server.close()
  }
})

test('a server that closes answers all requests of a connection, and tells only the last that it closes', async () => {
  release = []
  const server = await startServer({ gateway: federation.gateway })
  const socket = connect(server.port, '127.0.0.1')
  await once(socket, 'connect')
  const chunks = socket.toArray()
  socket.write(requestOf('{ held(n: 0) }') + requestOf('{ held(n: 1) }') + requestOf('{ held(n: 2) }'))
  while (release.filter(Boolean).length < 3) await pause(5)
  // Its head is made before the server closes, and waits for the first.
  release[1]()
  await settle()
  const closed = server.close()
  await untilRefused(server.port)
  socket.write(requestOf('{ held(n: 3) }'))
  while (release.filter(Boolean).length < 4) await pause(5)
  for (const end of release) end()
  const text = String(Buffer.concat(await chunks))
  expect([...text.matchAll(/"held":(\d)/g)].map(([, n]) => n)).toEqual(['0', '1', '2', '3'])
  const answers = text.split('HTTP/1.1 ').slice(1)
  expect(answers.map((answer) => /^connection: close\r$/im.test(answer))).toEqual([false, false, false, true])
  await closed
})

async function untilRefused(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const isRefused = await new Promise((resolve) => {
      socket.once('connect', () => resolve(false)).once('error', () => resolve(true))
    })
    socket.destroy()
    if (isRefused) return
    await pause(5)
  }
}
