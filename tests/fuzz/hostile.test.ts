import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Received } from './asker'
import { type FuzzedServer, goodRequest, startFuzzedServer } from './fuzzedServer'
import { problemOf } from './problemOf'

let server: FuzzedServer
let goodAnswer: string

beforeAll(async () => {
  server = await startFuzzedServer()
  goodAnswer = (await server.ask(goodRequest)).text
})
afterAll(() => server.stop())

/** After every case the server answers as before. */
afterEach(async () => {
  expect((await server.ask(goodRequest)).text).toBe(goodAnswer)
})

const many = 10_000

const manyAliases = Array.from({ length: many }, (_, i) => `a${i}: titles(first: 1) { id }`).join(' ')
const manyFragments = Array.from(
  { length: 30 },
  (_, i) => `fragment F${i} on Title { ...F${i + 1} ...F${i + 1} }`,
)
const nested = (open: string, inner: string, close: string) => open.repeat(many) + inner + close.repeat(many)

test.each<[what: string, query: string, variables: string, code: string]>([
  ['10,000 aliases', `{ ${manyAliases} }`, '{}', 'OPERATION_TOO_LARGE'],
  ['10,000 of one field', `{ ${'titles(first: 1) { id } '.repeat(many)} }`, '{}', 'OPERATION_TOO_LARGE'],
  [
    '5,000 leaves under different aliases',
    `{ titles { ${Array.from({ length: 5000 }, (_, i) => `a${i}: id`).join(' ')} } }`,
    '{}',
    'OPERATION_TOO_LARGE',
  ],
  ['10,000 levels of fields', nested('{ a ', '', '}'), '{}', 'BAD_REQUEST'],
  ['10,000 levels of fragments', `{ ${nested('... { ', 'id', '}')} }`, '{}', 'BAD_REQUEST'],
  ['10,000 levels of a list', `{ titles(ids: ${nested('[', '', ']')}) { id } }`, '{}', 'BAD_REQUEST'],
  [
    '10,000 levels of a type',
    `query ($a: ${nested('[', 'Int', ']')}) { titles { id } }`,
    '{}',
    'BAD_REQUEST',
  ],
  [
    '10,000 directives',
    `{ titles { id ${'@include(if: true) '.repeat(many)} } }`,
    '{}',
    'OPERATION_TOO_LARGE',
  ],
  ['4,000 unknown directives', `{ titles { id ${'@x '.repeat(4000)} } }`, '{}', 'GRAPHQL_VALIDATION_FAILED'],
  ['10,000 operations', 'query A { titles { id } } '.repeat(many), '{}', 'OPERATION_TOO_LARGE'],
  [
    'fragments that double thirty times',
    `{ titles { ...F0 } } ${manyFragments.join(' ')} fragment F30 on Title { id }`,
    '{}',
    'OPERATION_TOO_LARGE',
  ],
  [
    'a fragment that spreads itself',
    '{ titles { ...F } } fragment F on Title { ...F }',
    '{}',
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['an alias __proto__', '{ __proto__: titles { id } }', '{}', 'BAD_REQUEST'],
  [
    'a variable __proto__',
    'query ($__proto__: Int) { titles(first: $__proto__) { id } }',
    '{"__proto__": 1}',
    'BAD_REQUEST',
  ],
  ['1e999 as an Int', 'query ($n: Int) { titles(first: $n) { id } }', '{"n": 1e999}', 'BAD_USER_INPUT'],
  ['1e999 in the query', '{ titles(first: 1e999) { id } }', '{}', 'GRAPHQL_VALIDATION_FAILED'],
  [
    '10,000 levels of a variable',
    'query ($n: Int) { titles(first: $n) { id } }',
    `{"n": ${nested('[', '', ']')}}`,
    'BAD_USER_INPUT',
  ],
  [
    'a list of 10,001',
    'query ($i: [ID!]) { titles(ids: $i) { id } }',
    `{"i": [${'1,'.repeat(many)}1]}`,
    'LIST_TOO_LONG',
  ],
  [
    'lists at every level of introspection',
    `{ __schema { types { fields { type ${nested('{ ofType', '{ name }', '}')} } } } }`,
    '{}',
    'BAD_REQUEST',
  ],
])('%s: refused with a code, at once', async (_, query, variables, code) => {
  const before = server.cpuSeconds()
  const received = await post(query, variables)
  // Whether a limit or the parser's stack ends it first depends on how much stack this Node has.
  const codes = code === 'BAD_REQUEST' ? [code, 'OPERATION_TOO_LARGE'] : [code]
  expect(codesOf(received).some((one) => codes.includes(String(one)))).toBe(true)
  expect(received.text.length).toBeLessThan(300_000)
  expect(server.cpuSeconds() - before).toBeLessThan(5)
})

test.each<[what: string, query: string, variables: string, data: unknown]>([
  [
    'prototype keys as aliases',
    '{ constructor: titles(ids: ["1"]) { toString: id hasOwnProperty: __typename } }',
    '{}',
    { constructor: [{ toString: '1', hasOwnProperty: 'Title' }] },
  ],
  [
    'prototype keys among the variables',
    'query ($constructor: [ID!]) { titles(ids: $constructor) { id } }',
    '{"constructor": ["1"], "toString": 1, "__proto__": {"polluted": 1}}',
    { titles: [{ id: '1' }] },
  ],
  [
    'prototype keys as ids',
    '{ titles(ids: ["__proto__", "constructor", "1"]) { id } member(id: "__proto__") { id } }',
    '{}',
    { titles: [{ id: '1' }], member: null },
  ],
  [
    'lone surrogates as ids',
    'query ($i: [ID!]) { titles(ids: $i) { id } }',
    '{"i": ["\\ud800", "\\udc00x", "1"]}',
    { titles: [{ id: '1' }] },
  ],
])('%s are names like any other', async (_, query, variables, data) => {
  const received = await post(query, variables)
  expect(JSON.parse(received.text)).toEqual({ data })
})

test('text of lone surrogates is searched like any other, and comes back as valid UTF-8', async () => {
  const query = 'query ($t: String!) { searchTitles(text: $t, first: 1) { score } }'
  for (const text of ['"\\ud800"', '"\\udfffabc\\ud800"', `"${'\\ud83d'.repeat(500)}"`]) {
    const received = await post(query, `{"t": ${text}}`)
    expect(received.status).toBe(200)
    expect(problemOf({}, received)).toBeUndefined()
    expect(JSON.parse(received.text).errors).toBeUndefined()
  }
})

test('a compressed body is refused before it is unpacked', async () => {
  const body = gzipSync('x'.repeat(50_000_000))
  for (const encoding of ['gzip', 'deflate', 'br', 'gzip, gzip']) {
    const headers = { 'content-type': 'application/json', 'content-encoding': encoding }
    const received = await server.ask({ body, headers })
    expect([received.status, codesOf(received)]).toEqual([415, ['BAD_REQUEST']])
  }
})

test('three hundred senders that never finish take no memory and keep nobody waiting', async () => {
  const before = server.residentBytes()
  const head =
    'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000000'
  const starts = ['', 'P', 'POST /graphql HTTP/1.1\r\nhost:', `${head}\r\n\r\n`, `${head}\r\n\r\n{"query": "`]
  const sockets: Socket[] = []
  for (let i = 0; i < 300; i++) {
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => {}) // ended by the server in the end, if this test does not do it first
    sockets.push(socket)
    await once(socket, 'connect')
    socket.write(starts[i % starts.length])
  }
  for (let i = 0; i < 50; i++) {
    for (const [at, socket] of sockets.entries()) if (at % starts.length === 4) socket.write(' ')
    const received = await server.ask(goodRequest)
    expect(received.text).toBe(goodAnswer)
    expect(received.milliseconds).toBeLessThan(15_000)
  }
  expect(server.residentBytes() - before).toBeLessThan(100e6)
  for (const socket of sockets) socket.destroy()
})

function post(query: string, variables: string): Promise<Received> {
  return server.ask({ body: `{"query": ${JSON.stringify(query)}, "variables": ${variables}}` })
}

function codesOf({ text }: Received): unknown[] {
  const { errors = [] } = JSON.parse(text) as { errors?: { extensions?: { code?: unknown } }[] }
  return errors.map(({ extensions }) => extensions?.code)
}
