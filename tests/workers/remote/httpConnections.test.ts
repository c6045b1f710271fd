import { EventEmitter, once } from 'node:events'
import { type Agent, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { HttpConnections } from '../../../workers/remote/connection/httpConnections'
import { dial } from '../../support/dialling'
import { settle } from '../../support/fakeClock'
import { until } from '../../support/until'

describe('a connection that ends', () => {
  let agent: EventEmitter
  let socket: EventEmitter & { destroyed: boolean }
  let ended: jest.Mock
  beforeEach(() => {
    agent = new EventEmitter()
    socket = Object.assign(new EventEmitter(), { destroyed: false })
    ended = jest.fn()
    const connections = new HttpConnections(agent as Agent)
    connections.watch(ended)
    connections.used(socket as unknown as Socket)
  })

  it('soon after its last request tells of its server', () => {
    agent.emit('free', socket)
    socket.emit('close')
    expect(ended).toHaveBeenCalledTimes(1)
  })

  it('since it was free for as long as the server keeps it says nothing', () => {
    agent.emit('free', socket)
    socket.emit('timeout')
    socket.emit('close')
    expect(ended).not.toHaveBeenCalled()
  })

  it('since the agent does not keep it says nothing', () => {
    socket.destroyed = true
    agent.emit('free', socket)
    socket.emit('close')
    expect(ended).not.toHaveBeenCalled()
  })
})

it('a server that keeps connections for a second only is not lost after each request', async () => {
  const server = createServer((request, response) => {
    response.end(JSON.stringify(request.url === '/v2' ? { name: 'short', version: '1' } : {}))
  })
  // Node tells it in the header `keep-alive`, and the agent keeps none for so short a time.
  server.keepAliveTimeout = 1_000
  const sockets: Socket[] = []
  server.on('connection', (socket) => sockets.push(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const worker = await dial({ address: `127.0.0.1:${port}`, protocol: 'http' })
  const lost = jest.fn()
  worker.lost(lost)
  await until(async () => (await worker.readiness()) === 'ready')
  for (const socket of sockets) if (!socket.destroyed) await once(socket, 'close')
  await settle()
  expect(lost).not.toHaveBeenCalled()
  await worker.dispose()
  server.close()
})
