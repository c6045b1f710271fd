import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import type { RemoteProtocol } from '../../../workers/remote/remoteWorker'
import { dial } from '../../support/dialling'
import { freePort } from '../../support/freePort'

/** What dialling says of a server that is not what the configuration takes it for. */
async function problemWith(server: Server, protocol: RemoteProtocol): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const worker = await dial({ address, protocol })
    await worker.dispose()
    return 'none'
  } catch (error) {
    return (error as Error).message
  } finally {
    server.close()
  }
}

const web = () => createServer((_, response) => response.writeHead(404).end())
const http2 = () => createHttp2Server((_, response) => response.writeHead(404).end())
const closes = () => createTcpServer((socket) => socket.once('data', () => socket.end()))

it.each<[string, () => Server, RemoteProtocol, string]>([
  [
    'a web server',
    web,
    'http',
    'it answers /v2/health/ready with 404; is it a server of the Open Inference Protocol?',
  ],
  ['the port for gRPC', http2, 'http', 'it does not speak HTTP; is this its port for gRPC?'],
  ['a server that hangs up', closes, 'http', 'it ended the connection without an answer; does it speak TLS?'],
  ['the port for HTTP', web, 'grpc', 'it does not speak gRPC; is this its port for HTTP?'],
])(
  '%s, asked as it is not meant to be, is named with what it may be',
  async (_, server, protocol, expected) => {
    expect(await problemWith(server(), protocol)).toBe(expected)
  },
)

it.each(['http', 'grpc'] as const)(
  'a port where nobody listens is refused in one sentence, over %s',
  async (protocol) => {
    const address = `127.0.0.1:${await freePort()}`
    await expect(dial({ address, protocol })).rejects.toThrow(new Error(`connect ECONNREFUSED ${address}`))
  },
)
