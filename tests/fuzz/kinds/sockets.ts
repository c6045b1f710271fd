import { connect } from 'node:net'
import fc from 'fast-check'
import { editedBytes } from '../inputs/editedBytes'
import { startExampleServer } from './exampleServer'
import { type Kind, kindOf, type Outcome } from './kind'

/** What is written to one connection, in pieces. */
interface Input {
  readonly pieces: readonly Buffer[]
  readonly end: 'close' | 'half' | 'reset'
}

/** Bytes that are requests, nearly, or only half: several behind each other, cut into pieces, and left at any point. */
export async function startSockets(): Promise<Kind> {
  const { port, close } = await startExampleServer()
  return kindOf<Input>({
    inputs,
    feed: (input) => converse(port, input),
    show: ({ pieces, end }) =>
      `${JSON.stringify(pieces.map((piece) => piece.toString('latin1'))).slice(0, 3000)}, then ${end}`,
    limitMs: 5000,
    width: 20,
    close,
  })
}

const body = '{"query":"{ titles(first: 1) { id } }"}'
const head = 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n'
const requests = [
  `${head}content-length: ${body.length}\r\n\r\n${body}`,
  `${head}transfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  `${head}transfer-encoding: chunked\r\ntrailer: x\r\n\r\n5;a=b\r\n{"que\r\n0\r\nx: y\r\n\r\n`,
  `${head}content-length: 5\r\ncontent-length: 6\r\n\r\n{"a":`,
  `${head}content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /`,
  `${head}expect: 100-continue\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  `${head}upgrade: websocket\r\nconnection: upgrade\r\ncontent-length: 0\r\n\r\n`,
  `${head}content-length: 999999999999\r\n\r\n{`,
  'GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET /graphql?query={titles(first:1){id}} HTTP/1.1\r\nhost: x\r\napollo-require-preflight: 1\r\n\r\n',
  'GET / HTTP/1.0\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n',
  'CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
  `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(3000)}\r\n`,
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
].map((text) => Buffer.from(text, 'latin1'))

const one = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...requests) },
  { weight: 4, arbitrary: editedBytes(fc.constantFrom(...requests)) },
)
const inputs: fc.Arbitrary<Input> = fc
  .tuple(
    fc.array(one, { minLength: 1, maxLength: 6 }),
    fc.array(fc.nat(1000), { maxLength: 4 }),
    fc.constantFrom('close' as const, 'half' as const, 'half' as const, 'reset' as const),
  )
  .map(([all, cuts, end]) => {
    const whole = Buffer.concat(all)
    const places = [0, ...cuts.map((cut) => Math.floor((cut / 1000) * whole.length)).sort((a, b) => a - b)]
    const pieces = places.map((place, at) => whole.subarray(place, places[at + 1] ?? whole.length))
    return { pieces, end }
  })

/** So long nothing may come before this side ends the conversation. */
const quietMs = 20

/** Resolves when the connection is over. */
function converse(port: number, { pieces, end }: Input): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    let came = ''
    let quiet: NodeJS.Timeout | undefined
    const isQuiet = () => {
      if (end === 'half') socket.end()
      else if (end === 'reset') socket.resetAndDestroy()
      else socket.destroy()
    }
    const wait = () => {
      clearTimeout(quiet)
      quiet = setTimeout(isQuiet, quietMs)
    }
    socket.on('data', (chunk) => {
      came += chunk.toString('latin1')
      wait()
    })
    // Node ends what is no HTTP with an answer or without one; both are well.
    socket.on('error', () => {})
    socket.on('end', () => socket.end())
    socket.on('close', () => {
      clearTimeout(quiet)
      const problem = problemOfBytes(came)
      if (problem === undefined) resolve(/^HTTP\/1\.1 200 /.test(came) ? 'taken' : 'refused')
      else reject(new Error(problem))
    })
    const write = (at: number) => {
      if (at === pieces.length || socket.destroyed) return wait()
      socket.write(pieces[at], () => setImmediate(write, at + 1))
    }
    socket.on('connect', () => write(0))
  })
}

function problemOfBytes(came: string): string | undefined {
  if (came !== '' && !came.startsWith('HTTP/1.1 ')) return `no HTTP: ${came.slice(0, 100)}`
  if (came.includes('INTERNAL_SERVER_ERROR')) return 'an error of the server'
  for (const [head, status] of came.matchAll(/HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n/g)) {
    if (Number(status) >= 500 && !['501', '503', '504', '505'].includes(status)) return `a fault: ${head}`
  }
  return undefined
}
