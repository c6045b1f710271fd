import { once } from 'node:events'
import { connect } from 'node:net'
import { federate } from '../federate'
import { startServer } from '../startServer'

const federation = federate({
  a: { typeDefs: 'type Query { hello: String }', resolvers: { Query: { hello: () => 'you' } } },
})

test('of many requests that one connection sends at once, the first hundred are answered, and all in their order', async () => {
  const server = await startServer({ gateway: federation.gateway })
  try {
    const body = JSON.stringify({ query: '{ hello }' })
    const request = `POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
    const count = 300
    const socket = connect(server.port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(request.repeat(count))
    let text = ''
    const statuses = () => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
    for await (const chunk of socket) {
      text += chunk
      if (statuses().length === count) break
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
