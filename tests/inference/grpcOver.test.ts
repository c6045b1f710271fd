import { once } from 'node:events'
import { connect, type IncomingHttpHeaders } from 'node:http2'
import { startGrpcServer } from '../../inference/grpc/grpcServer'
import type { InferenceService } from '../../inference/inferenceService'
import { systemClock } from '../../lib/clock'
import { until } from '../support/until'
import { grpcClient } from '../support/workerProcess'

test('a server that closes answers the calls in flight, and no others', async () => {
  let answer = (_: object) => {}
  const infer = () =>
    new Promise((resolve) => {
      answer = resolve
    })
  const inferring = jest.fn(infer)
  const server = await startGrpcServer({
    service: { infer: inferring, load: { text: '' } } as unknown as InferenceService,
    inFlight: { count: 0, isTrusted: () => false },
    clock: systemClock,
    host: '127.0.0.1',
    port: 0,
    maxBodyBytes: 1_000,
    log: () => {},
  })
  const client = grpcClient(`127.0.0.1:${server.port}`)
  const request = { model: 'm', version: '', id: '', parameters: {}, inputs: [], outputs: [] }
  const call = client.call('ModelInfer', request)
  await until(() => inferring.mock.calls.length === 1)
  let isClosed = false
  const closed = server.close(60_000).then(() => {
    isClosed = true
  })
  await expect(client.call('ModelInfer', request)).rejects.toMatchObject({ code: 14 })
  expect(isClosed).toBe(false)
  answer(request)
  expect(await call).toMatchObject({ model: 'm' })
  await closed
  client.close()
})

test('a call whose time is over before it has come to its end is not begun', async () => {
  const isReady = jest.fn(() => true)
  const server = await startGrpcServer({
    service: { isReady } as unknown as InferenceService,
    inFlight: { count: 0, isTrusted: () => false },
    clock: systemClock,
    host: '127.0.0.1',
    port: 0,
    maxBodyBytes: 1_000,
    log: () => {},
  })
  const session = connect(`http://127.0.0.1:${server.port}`)
  const client = grpcClient(`127.0.0.1:${server.port}`)
  try {
    const call = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Watch',
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': '20m',
    })
    // A whole message, but not the end of the messages.
    call.resume().write(Buffer.alloc(5))
    const [headers] = (await once(call, 'response')) as [IncomingHttpHeaders]
    expect(headers['grpc-status']).toBe('4')
    call.end()
    await client.call('ServerLive', {})
    session.destroy()
    await client.call('ServerLive', {})
    // Nobody watches.
    server.readinessChanged()
    expect(isReady).not.toHaveBeenCalled()
  } finally {
    client.close()
    session.destroy()
    await server.close(0)
  }
})
