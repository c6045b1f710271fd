import { once } from 'node:events'
import { connect } from 'node:net'
import { bodyMemory } from '../../../gateway/http/bodyMemory'
import type { HttpServer } from '../../../gateway/server/httpServer'
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

/** Whether nobody holds any of the memory for bodies. */
function isFree(): boolean {
  const half = bodyMemory.most / 2
  if (!bodyMemory.take('nobody', half)) return false
  bodyMemory.release('nobody', half)
  return true
}

/** Has other clients take all of the memory for bodies but this. Returns what lets it go. */
function takeAllBut(bytes: number): () => void {
  const taken: number[] = []
  for (let left = bodyMemory.most; left > bytes; left -= taken.at(-1)!) {
    taken.push(left / 2)
    expect(bodyMemory.take(`client ${taken.length}`, left / 2)).toBe(true)
  }
  return () => {
    for (const [at, one] of taken.entries()) bodyMemory.release(`client ${at + 1}`, one)
  }
}

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
