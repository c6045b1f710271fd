import { once } from 'node:events'
import { connect } from 'node:net'
import { buildSchema } from 'graphql'
import { callsType, frameText } from '../../../gateway/graphql/callFrames'
import type { HttpServer } from '../../../gateway/server/httpServer'
import { answerMemory } from '../../../lib/execution/answerMemory'
import { isFree, takeAllBut } from '../../support/takenBodies'
import { until } from '../../support/until'
import { federate } from '../federate'
import { startServer } from '../startServer'

const federation = federate({
  a: {
    typeDefs: 'type Query { hello(to: String): String }',
    resolvers: { Query: { hello: (_: unknown, { to = 'you' }: { to?: string }) => to } },
  },
})

let server: HttpServer
beforeEach(async () => {
  server = await startServer({ gateway: federation.gateway, maxBodyBytes: 1_000_000 })
})
afterEach(() => server.close())

const short = JSON.stringify({ query: '{ hello }' })
const long = short.padEnd(500_000)

async function ask(
  body: string | Uint8Array<ArrayBuffer>,
): Promise<{ readonly status: number; readonly json: unknown }> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body })
  return { status: response.status, json: await response.json() }
}

const answered = { status: 200, json: { data: { hello: 'you' } } }

test('where others hold the memory for bodies, a long one is refused, and a short one is not', async () => {
  const release = takeAllBut(500_000)
  try {
    expect(await ask(long)).toMatchObject({
      status: 503,
      json: { errors: [{ extensions: { code: 'OVERLOADED' } }] },
    })
    expect(await ask(short)).toEqual(answered)
  } finally {
    release()
  }
  expect(await ask(long)).toEqual(answered)
})

test('a body that is parsed, refused or given up holds none of it', async () => {
  expect(await ask(long)).toEqual(answered)
  expect(await ask(long.slice(1))).toMatchObject({ status: 400 })
  expect(await ask(short.padEnd(1_000_001))).toMatchObject({ status: 413 })
  const socket = connect(server.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(
    'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 500000\r\n\r\n',
  )
  socket.write(long.slice(0, 400_000))
  await until(() => !isFree())
  socket.destroy()
  await until(isFree)
})

test('each piece of a body takes room of its own, however short it is', async () => {
  const release = takeAllBut(500_000)
  try {
    const statusOf = async (body: string, pieceLength: number) => {
      const socket = connect(server.port, '127.0.0.1')
      socket.write(
        'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
      )
      const pieces = body.match(new RegExp(`[^]{1,${pieceLength}}`, 'g')) ?? []
      socket.write(
        `${pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('')}0\r\n\r\n`,
      )
      const [answer] = await once(socket, 'data')
      socket.destroy()
      return String(answer).slice(0, 12)
    }
    const body = short.padEnd(20_000)
    expect(await statusOf(body, 20_000)).toBe('HTTP/1.1 200')
    expect(await statusOf(body, 1)).toBe('HTTP/1.1 503')
  } finally {
    release()
  }
})

test('bytes that are not UTF-8 are refused, and the character that stands for them is not', async () => {
  const [before, after] = JSON.stringify({ query: '{ hello(to: "|") }' }).split('|')
  const greeting = (bytes: Buffer) =>
    Uint8Array.from(Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)]))
  expect(await ask(greeting(Buffer.from('\ufffd')))).toEqual({
    status: 200,
    json: { data: { hello: '\ufffd' } },
  })
  for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]])
    expect(await ask(greeting(Buffer.from(bytes)))).toEqual({
      status: 400,
      json: { errors: [{ message: 'body: must be JSON in UTF-8', extensions: { code: 'BAD_REQUEST' } }] },
    })
})

describe('calls of a gateway that come together', () => {
  let subgraph: HttpServer
  beforeEach(async () => {
    const schema = buildSchema('type Query { hello: String }')
    subgraph = await startServer({ schema, maxBodyBytes: 1_000_000 })
  })
  afterEach(() => subgraph.close())

  async function call(...bodies: readonly string[]) {
    const body = bodies.map((one) => frameText({}, one)).join('')
    const headers = { 'content-type': callsType }
    const response = await fetch(`${subgraph.url}/graphql`, { method: 'POST', headers, body })
    return { status: response.status, text: await response.text() }
  }

  const both = expect.stringMatching(/"status":200.*\n.*"hello":null[\s\S]*"status":200.*\n.*"hello":null/)

  test('count as one body, and are refused where others hold the memory for bodies', async () => {
    const release = takeAllBut(500_000)
    try {
      expect(await call(short, long)).toEqual({ status: 503, text: expect.stringContaining('OVERLOADED') })
      expect(await call(short, short)).toEqual({ status: 200, text: both })
    } finally {
      release()
    }
    expect(await call(short, long)).toEqual({ status: 200, text: both })
    expect(isFree()).toBe(true)
  })

  test('hold none of it once they are given up', async () => {
    const socket = connect(subgraph.port, '127.0.0.1')
    await once(socket, 'connect')
    const head = `content-type: ${callsType}\r\ncontent-length: 500100`
    socket.write(`POST /graphql HTTP/1.1\r\nhost: a\r\n${head}\r\n\r\n`)
    socket.write(frameText({}, long).slice(0, 400_000))
    await until(() => !isFree())
    socket.destroy()
    await until(isFree)
  })

  test('are cut off with their answers where these are long and nobody reads them in time', async () => {
    const schema = buildSchema('type Query { note: String }')
    schema.getQueryType()!.getFields()['note'].resolve = () => 'x'.repeat(12_000_000)
    const server = await startServer({ schema, sendTimeoutMs: 500 })
    const isHeld = () => {
      const others = answerMemory.most - 24_000_000 + 1
      if (!answerMemory.takes(others)) return true
      answerMemory.release(others)
      return false
    }
    const body = frameText({}, JSON.stringify({ query: '{ note }' })).repeat(2)
    const socket = connect(server.port, '127.0.0.1').pause()
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: ${callsType}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    await until(isHeld)
    await until(() => !isHeld())
    let bytes = 0
    socket.on('data', (data) => {
      bytes += data.length
    })
    socket.on('error', () => {}).resume()
    await once(socket, 'close')
    expect(bytes).toBeLessThan(24_000_000)
    await server.close()
  })
})
