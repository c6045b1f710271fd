import { EventEmitter } from 'node:events'
import type { ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import { type GrpcServer, startGrpcServer } from '../../inference/grpc/grpcServer'
import { ReadingTurns } from '../../inference/grpc/readingTurns'
import type { InferenceService } from '../../inference/inferenceService'
import { nextTurn } from '../../lib/scheduling/turns'
import { FakeClock } from '../support/fakeClock'
import { grpcClient } from '../support/workerProcess'

jest.setTimeout(60_000)

let turns: ReadingTurns
/** Which connections are read, and in which order they began to be. */
let read: string[]
beforeEach(() => {
  turns = new ReadingTurns()
  read = []
})

function connect(remoteAddress: string, name: string): EventEmitter {
  const session = new EventEmitter()
  const readStop = () => {
    read = read.filter((one) => one !== name)
  }
  const readStart = () => read.push(name)
  const socket = { remoteAddress, _handle: { readStart, readStop } }
  readStart()
  turns.follow(session as ServerHttp2Session, socket as unknown as Socket)
  return session
}

function begin(session: EventEmitter, calls: number, event = 'stream'): void {
  for (let call = 0; call < calls; call++) session.emit(event)
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

test('pings count little, but count', async () => {
  const session = connect('10.0.0.1', 'one')
  begin(session, 1_000, 'ping')
  expect(read).toEqual(['one'])
  begin(session, 3_000, 'ping')
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

describe('a server', () => {
  let server: GrpcServer
  beforeEach(async () => {
    server = await startGrpcServer({
      service: { isReady: () => true } as unknown as InferenceService,
      inFlight: { count: 0, isTrusted: () => false },
      clock: new FakeClock(),
      host: '127.0.0.1',
      port: 0,
      maxBodyBytes: 1_000,
      log: () => {},
    })
  })
  afterEach(() => server.close(0))

  test('answers all calls that a client sends at once', async () => {
    const clients = Array.from({ length: 2 }, () =>
      // Else they share a connection.
      grpcClient(`127.0.0.1:${server.port}`, 'inference', { 'grpc.use_local_subchannel_pool': 1 }),
    )
    const answers = await Promise.all(
      clients.flatMap((client) =>
        Array.from({ length: 150 }, () => client.call('ServerReady', {}, { deadlineMs: 40_000 })),
      ),
    )
    expect(answers).toEqual(Array(300).fill({ ready: true }))
    for (const client of clients) client.close()
  })
})
