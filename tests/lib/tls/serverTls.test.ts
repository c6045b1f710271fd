import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { createServer } from 'node:tls'
import { ServerTls } from '../../../lib/tls/serverTls'
import { Authority } from '../../support/certificates'

const { cert, key } = new Authority('ours').issue('IP:127.0.0.1')

test('a client that does not end its handshake is disconnected', async () => {
  const lines: string[] = []
  const tls = new ServerTls({ cert, key }, 'worker.tls', (line) => lines.push(line))
  const server = tls.follow(createServer({ ...tls.options, handshakeTimeout: 50 }))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  try {
    // The head of a record that would hold a client's hello.
    client.write(Buffer.of(0x16, 3, 1, 2, 0, 1, 0))
    await once(client.resume(), 'close')
    expect(lines).toEqual(['refused a client at 127.0.0.1: TLS handshake timeout'])
  } finally {
    client.destroy()
    tls.dispose()
    server.close()
  }
})
