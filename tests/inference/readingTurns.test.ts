import { EventEmitter } from 'node:events'
import { connect as dial, type Socket } from 'node:net'
import { type GrpcServer, startGrpcServer } from '../../inference/grpc/grpcServer'
import { type InferenceHttpServer, startInferenceHttp } from '../../inference/http/httpServer'
import type { InferenceService } from '../../inference/inferenceService'
import { ReadingTurns } from '../../inference/readingTurns'
import { nextTurn } from '../../lib/scheduling/turns'
import { FakeClock } from '../support/fakeClock'
import { grpcClient } from '../support/workerProcess'

let turns: ReadingTurns
/** Which connections are read, and in which order they began to be. */
let read: string[]
beforeEach(() => {
  turns = new ReadingTurns()
  read = []
})

function connect(remoteAddress: string, name: string): Socket {
  const readStop = () => {
    read = read.filter((one) => one !== name)
  }
  const readStart = () => read.push(name)
  const socket = Object.assign(new EventEmitter(), { remoteAddress, _handle: { readStart, readStop } })
  readStart()
  turns.follow(socket as unknown as Socket, socket)
  return socket as unknown as Socket
}

function begin(socket: Socket, calls: number, each = 1): void {
  for (let call = 0; call < calls; call++) turns.work(socket, each)
}

async function pass(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await nextTurn()
}

test('a client that begins many calls in a turn is not read for some turns, then its other connections first', async () => {
  const [first] = ['first', 'second'].map((name) => connect('10.0.0.1', name))
  connect('10.0.0.2', 'other')
  begin(first, 31)
  expect(read).toEqual(['first', 'second', 'other'])
  begin(first, 1)
  expect(read).toEqual(['other'])
  const third = connect('10.0.0.1', 'third')
  expect(read).toEqual(['other'])
  // What was in the buffer that had been read.
  begin(first, 50)
  await pass(4)
  expect(read).toEqual(['other'])
  await pass(1)
  expect(read).toEqual(['other', 'second', 'first', 'third'])
  begin(third, 32)
  expect(read).toEqual(['other'])
  await pass(5)
  expect(read).toEqual(['other', 'second', 'first', 'third'])
})

test('calls of several turns do not add up', async () => {
  const session = connect('10.0.0.1', 'one')
  for (let turn = 0; turn < 5; turn++) {
    begin(session, 31)
    await pass(1)
  }
  expect(read).toEqual(['one'])
})

test('what costs little counts little', async () => {
  const socket = connect('10.0.0.1', 'one')
  begin(socket, 1_000, 1 / 100)
  expect(read).toEqual(['one'])
  begin(socket, 3_000, 1 / 100)
  expect(read).toEqual([])
  await pass(5)
  expect(read).toEqual(['one'])
})

test('a connection that has closed is left alone', async () => {
  const [first, second] = ['first', 'second'].map((name) => connect('10.0.0.1', name))
  begin(first, 32)
  first.emit('close')
  await pass(5)
  expect(read).toEqual(['second'])
  second.emit('close')
  expect(turns.isEmpty).toBe(true)
})

const options = {
  service: { isReady: () => true } as unknown as InferenceService,
  inFlight: { count: 0, isTrusted: () => false },
  clock: new FakeClock(),
  host: '127.0.0.1',
  port: 0,
  maxBodyBytes: 1_000,
  log: () => {},
}

describe('a gRPC server', () => {
  let server: GrpcServer
  beforeEach(async () => {
    server = await startGrpcServer(options)
  })
  afterEach(() => server.close(0))

  test('answers all calls that a client sends at once', async () => {
    const clients = Array.from({ length: 2 }, () =>
      // Else they share a connection.
      grpcClient(`127.0.0.1:${server.port}`, 'inference', { 'grpc.use_local_subchannel_pool': 1 }),
    )
    const answers = await Promise.all(
      clients.flatMap((client) => Array.from({ length: 150 }, () => client.call('ServerReady', {}))),
    )
    expect(answers).toEqual(Array(300).fill({ ready: true }))
    for (const client of clients) client.close()
  })
})

describe('an HTTP server', () => {
  let server: InferenceHttpServer
  beforeEach(async () => {
    server = await startInferenceHttp({ ...options, pages: new Map() })
  })
  afterEach(() => server.close(0))

  test('answers all requests that come at once on several connections', async () => {
    const live = () => fetch(`${server.url}/v2/health/live`).then((response) => response.json())
    expect(await Promise.all(Array.from({ length: 300 }, live))).toEqual(Array(300).fill({ live: true }))
  })

  test('answers all that come at once on one, with a refusal where too many wait for those before them', async () => {
    const request = 'GET /v2/health/live HTTP/1.1\r\nhost: worker\r\n\r\n'
    const socket = dial(server.port, '127.0.0.1')
    socket.write(request.repeat(299) + request.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'))
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
    expect(statuses).toHaveLength(300)
    expect(statuses.slice(0, 101)).toEqual(Array(101).fill('200'))
    expect(new Set(statuses)).toEqual(new Set(['200', '503']))
    expect(text).toContain(
      'at most 100 requests of a connection may wait for the answers to those before them',
    )
  })
})
