import { once } from 'node:events'
import { connect } from 'node:tls'
import { startGrpcServer } from '../../inference/grpc/grpcServer'
import type { InferenceService } from '../../inference/inferenceService'
import { systemClock } from '../../lib/clock'
import { ServerTls } from '../../lib/tls/serverTls'
import { Authority } from '../support/certificates'

const { cert, key } = new Authority('ours').issue('IP:127.0.0.1')

test('a client of TLS that does not ask for HTTP/2 harms no other', async () => {
  const tls = new ServerTls({ cert, key }, 'worker.tls', () => {})
  const server = await startGrpcServer({
    service: { isReady: () => true } as unknown as InferenceService,
    inFlight: { count: 0, isTrusted: () => false },
    clock: systemClock,
    host: '127.0.0.1',
    port: 0,
    maxBodyBytes: 1_000,
    log: () => {},
    tls,
  })
  const dial = (protocols?: string[]) =>
    connect({
      host: '127.0.0.1',
      port: server.port,
      rejectUnauthorized: false,
      ...(protocols && { ALPNProtocols: protocols }),
    })
  try {
    await once(dial().resume(), 'close')
    const other = dial(['h2'])
    other.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    // The settings with which a session begins.
    await once(other, 'data')
    other.destroy()
  } finally {
    await server.close(0)
    tls.dispose()
  }
})
