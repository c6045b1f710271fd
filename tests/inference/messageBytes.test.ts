import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { type GrpcServer, startGrpcServer } from '../../inference/grpc/grpcServer'
import type { InferenceService } from '../../inference/inferenceService'
import { loadGrpc } from '../../workers/protocol/grpc'
import { FakeClock } from '../support/fakeClock'
import { isFree, takeAllBut } from '../support/takenBodies'
import { until } from '../support/until'
import { grpcClient } from '../support/workerProcess'

/** What messages over gRPC hold of the memory for bodies, until they are whole. */

let server: GrpcServer
let session: ClientHttp2Session
let asked = 0
/** Answers the call that was asked last. */
let answerIt: () => void
let clock: FakeClock

beforeEach(async () => {
  asked = 0
  clock = new FakeClock()
  const service = {
    infer() {
      asked++
      return new Promise((resolve) => {
        answerIt = () => resolve({ model: 'm', version: '1', id: '', parameters: {}, outputs: [] })
      })
    },
    load: { text: '' },
  } as unknown as InferenceService
  server = await startGrpcServer({
    service,
    inFlight: { count: 0, isTrusted: () => false },
    clock,
    host: '127.0.0.1',
    port: 0,
    maxBodyBytes: 1_000_000,
    log: () => {},
  })
  session = connect(`http://127.0.0.1:${server.port}`)
})
afterEach(async () => {
  session.destroy()
  await server.close(0)
})

/** Begins a message of 500,000 bytes, and sends so many of it. */
function begin(bytes: number, headers: OutgoingHttpHeaders = {}): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/inference.GRPCInferenceService/ModelInfer',
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  })
  const head = Buffer.alloc(5)
  head.writeUInt32BE(500_000, 1)
  stream.on('error', () => {})
  stream.write(head)
  stream.write(Buffer.alloc(bytes))
  return stream
}

function requestOf(bytes: number) {
  return { model: 'm', version: '', id: 'x'.repeat(bytes), parameters: {}, inputs: [], outputs: [] }
}

test('a message that is not whole counts, until it is given up', async () => {
  expect(isFree()).toBe(true)
  const stream = begin(400_000)
  await until(() => !isFree())
  stream.close(8)
  await until(isFree)
})

test('where others hold the memory for bodies, a long one is refused and its stream ended', async () => {
  const release = takeAllBut(500_000)
  try {
    const stream = begin(400_000)
    const ended = once(stream, 'aborted')
    const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
    expect(headers).toMatchObject({ 'grpc-status': '14', 'presage-code': 'OVERLOADED' })
    await ended
  } finally {
    release()
  }
  await until(isFree)
})

test.each(['gzip', 'deflate'] as const)('messages in %s are refused', async (encoding) => {
  const { compressionAlgorithms, status } = loadGrpc().library
  const options = { 'grpc.default_compression_algorithm': compressionAlgorithms[encoding] }
  const client = grpcClient(`127.0.0.1:${server.port}`, 'inference', options)
  await expect(client.call('ModelInfer', requestOf(400_000))).rejects.toMatchObject({
    code: status.UNIMPLEMENTED,
    details: `grpc-encoding: must be identity, got "${encoding}"`,
  })
  expect(asked).toBe(0)
  client.close()
})

test('a compressed message is refused before it has come, let alone been unpacked', async () => {
  const stream = begin(400_000, { 'grpc-encoding': 'gzip' })
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  expect(headers).toMatchObject({ 'grpc-status': '12', 'presage-code': 'NOT_SUPPORTED' })
  await until(isFree)
})

test('a whole message is answered, and holds none of it', async () => {
  const client = grpcClient(`127.0.0.1:${server.port}`)
  const answer = client.call('ModelInfer', requestOf(400_000))
  await until(() => asked === 1)
  expect(isFree()).toBe(true)
  answerIt()
  await expect(answer).resolves.toMatchObject({ model: 'm' })
  client.close()
})

test('a message that is not whole in time is given up', async () => {
  const stream = begin(400_000)
  const response = once(stream, 'response')
  const ended = once(stream, 'aborted')
  await until(() => !isFree())
  clock.advance(29_999)
  expect(stream.destroyed).toBe(false)
  clock.advance(1)
  const [headers] = (await response) as [IncomingHttpHeaders]
  expect(headers).toMatchObject({ 'grpc-status': '14', 'presage-code': 'DEADLINE_EXCEEDED' })
  await ended
  await until(isFree)
  expect(clock.pending).toBe(0)
})

test('a whole message may wait for its answer for longer', async () => {
  const client = grpcClient(`127.0.0.1:${server.port}`)
  const request = { model: 'm', version: '', id: '', parameters: {}, inputs: [], outputs: [] }
  const answer = client.call('ModelInfer', request)
  await until(() => asked === 1)
  clock.advance(60_000)
  answerIt()
  await expect(answer).resolves.toMatchObject({ model: 'm' })
  client.close()
})

test('a connection has a hundred calls at once', async () => {
  await once(session, 'remoteSettings')
  expect(session.remoteSettings.maxConcurrentStreams).toBe(100)
})
