import { once } from 'node:events'
import { Agent, get, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { GraphQLError } from 'graphql'
import { OverloadHandler } from '../../../gateway/overload/overloadHandler'
import type { HttpServer, HttpServerOptions } from '../../../gateway/server/httpServer'
import { PresageError } from '../../../lib/errors'
import { createTextLog } from '../../../lib/log'
import type { ClientRequest } from '../../../lib/request/clientRequest'
import { CountedMetrics } from '../../support/countedMetrics'
import { until } from '../../support/until'
import { federate } from '../federate'
import { loopbackTrust, startServer } from '../startServer'

/** One answer that waits until the test lets it go. */
function gate() {
  let open = () => {}
  let arrived: (request: ClientRequest) => void = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  const entered = new Promise<ClientRequest>((resolve) => {
    arrived = resolve
  })
  const pass = (request: ClientRequest) => {
    arrived(request)
    return passed
  }
  return { open, entered, pass }
}

let held = gate()
const requests: ClientRequest[] = []
/** Whether each of them was, when it was answered. */
const alone: (boolean | undefined)[] = []

const federation = federate({
  a: {
    typeDefs: `type Query {
      hello(name: String): String held: String secret: String refused: String coded: String
      like(like: Like!): String
    } type Mutation { change: Int } input Like { name: String }`,
    resolvers: {
      Query: {
        hello(_: unknown, { name }: { name?: string }, { request }: { request: ClientRequest }) {
          requests.push(request)
          alone.push(request.isOnlyRequest)
          return `hello ${name ?? 'you'}`
        },
        async held(_: unknown, __: unknown, { request }: { request: ClientRequest }) {
          await held.pass(request)
          return 'done'
        },
        secret() {
          throw new Error('password is 1234')
        },
        refused() {
          throw new GraphQLError('not for you', { extensions: { code: 'FORBIDDEN', http: { status: 500 } } })
        },
        coded() {
          throw new PresageError('OVERLOADED', 'queue full', { shard: 'main' })
        },
      },
    },
  },
})

const servers: HttpServer[] = []

async function start(options: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  const server = await startServer({
    gateway: federation.gateway,
    context: new Map([
      ['member', { header: 'X-Member', type: 'string' }],
      ['age', { header: 'x-age', type: 'number' }],
      ['beta', { header: 'x-beta', type: 'boolean' }],
    ]),
    maxBodyBytes: 1000,
    metricsText: async () => 'up 1\n',
    ...options,
  })
  servers.push(server)
  return server
}

afterEach(async () => {
  held.open()
  held = gate()
  requests.length = 0
  alone.length = 0
  jest.restoreAllMocks()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

interface Reply {
  status: number
  headers: Headers
  body: {
    data?: Record<string, unknown>
    errors?: { message: string; path?: unknown; extensions: Record<string, unknown> }[]
  }
}

async function post(server: HttpServer, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Reply['body'],
  }
}

function stderr(): jest.SpyInstance {
  return jest.spyOn(process.stderr, 'write').mockReturnValue(true)
}

describe('operations', () => {
  test('POST with variables, GET with a query string', async () => {
    const server = await start()
    const query = 'query Q($name: String) { hello(name: $name) }'
    const posted = await post(server, { query, variables: { name: 'post' } })
    expect(posted.body).toEqual({ data: { hello: 'hello post' } })
    expect(posted.status).toBe(200)
    for (const operationName of ['Q', '']) {
      const search = new URLSearchParams({ query, operationName, variables: '{"name":"get"}' })
      const got = await fetch(`${server.url}/graphql?${search}`, {
        headers: { 'apollo-require-preflight': '1' },
      })
      expect(await got.json()).toEqual({ data: { hello: 'hello get' } })
    }
  })

  test('no cache keeps an answer to a GET, whoever gives it, since it may depend on who asks', async () => {
    const server = await start({ corsOrigins: ['https://a.example'] })
    const keepingOf = async (search: string, headers: Record<string, string> = {}) => {
      const got = await fetch(`${server.url}/graphql${search}`, {
        headers: { 'apollo-require-preflight': '1', ...headers },
      })
      return [got.status, got.headers.get('cache-control')]
    }
    expect(await keepingOf('?query={hello}')).toEqual([200, 'no-store'])
    expect(await keepingOf('?query={hello}')).toEqual([200, 'no-store'])
    expect(await keepingOf('?query={hello}', { origin: 'https://a.example' })).toEqual([200, 'no-store'])
    expect(await keepingOf('?documentId=mine')).toEqual([400, 'no-store'])
  })

  test('GET from a page of this server needs no special header; any other is told what to send', async () => {
    const { url } = await start()
    const ask = (headers: Record<string, string>) => fetch(`${url}/graphql?query={hello}`, { headers })
    const own = await ask({ 'sec-fetch-site': 'same-origin' })
    expect([own.status, await own.json()]).toEqual([200, { data: { hello: 'hello you' } }])
    const accept = 'application/graphql-response+json, application/json'
    const foreign = await ask({ accept, 'sec-fetch-site': 'cross-site' })
    expect([foreign.status, await foreign.json()]).toEqual([
      400,
      {
        errors: [
          {
            message: expect.stringMatching(/^a GET must carry the header apollo-require-preflight, .*urql/),
            extensions: { code: 'BAD_REQUEST' },
          },
        ],
      },
    ])
  })

  test('the head of an answer is the same to the byte, whoever gives it, also where a connection is to end', async () => {
    const server = await start({ corsOrigins: ['https://a.example'] })
    const body = '{"query":"{ hello }"}'
    const ask = async (close: boolean) => {
      const socket = connect(server.port, '127.0.0.1')
      const head = [
        'POST /graphql HTTP/1.1',
        'host: x',
        'x-request-id: r1',
        'content-type: application/json',
        `content-length: ${body.length}`,
        ...(close ? ['connection: close'] : []),
      ]
      socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
      let text = ''
      for await (const chunk of socket) {
        text += chunk
        if (text.endsWith('}\n')) break
      }
      socket.destroy()
      return text.replace(/Date: .*/, 'Date: now')
    }
    const byApollo = await ask(false)
    const fast = await ask(false)
    expect(fast).toBe(byApollo)
    expect(fast.split('\r\n')).toEqual([
      'HTTP/1.1 200 OK',
      'vary: origin',
      'x-request-id: r1',
      'content-type: application/json; charset=utf-8',
      'content-length: 31',
      'Date: now',
      'Connection: keep-alive',
      'Keep-Alive: timeout=65',
      '',
      '{"data":{"hello":"hello you"}}\n',
    ])
    expect(await ask(true)).toBe(
      fast.replace(/Connection: keep-alive\r\nKeep.*\r\n/, 'Connection: close\r\n'),
    )
  })

  test('a mutation by GET is refused', async () => {
    const server = await start()
    const got = await fetch(`${server.url}/graphql?query=mutation{change}`, {
      headers: { 'apollo-require-preflight': '1' },
    })
    expect(got.status).toBe(405)
  })

  test.each(['PUT', 'DELETE', 'HEAD'])('%s is no method of the graph', async (method) => {
    const server = await start()
    const got = await fetch(`${server.url}/graphql?query={hello}`, { method })
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'GET, POST'])
  })

  test('introspection works, and not where it is switched off', async () => {
    const query = '{ __schema { queryType { name } } }'
    expect((await post(await start(), { query })).body).toEqual({
      data: { __schema: { queryType: { name: 'Query' } } },
    })
    const { body } = await post(await start({ introspection: false }), { query })
    expect([body.data, body.errors]).toEqual([
      undefined,
      [
        {
          message:
            '__schema: introspection is off on this server (server.introspection); "presage schema print" prints the schema',
          locations: [{ line: 1, column: 3 }],
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED', validationErrorCode: 'INTROSPECTION_DISABLED' },
        },
      ],
    ])
  })

  test('names of the schema are suggested, and not where introspection is switched off', async () => {
    const misspelt = { query: '{ helo }' }
    const inVariable = {
      query: 'query ($like: Like!) { like(like: $like) }',
      variables: { like: { nam: 'you' } },
    }
    const messages = async (server: HttpServer) =>
      (await Promise.all([misspelt, inVariable].map((body) => post(server, body)))).map(
        ({ body }) => body.errors?.[0].message,
      )
    expect(await messages(await start())).toEqual([
      'Cannot query field "helo" on type "Query". Did you mean "held" or "hello"?',
      'Variable "$like" got invalid value { nam: "you" }; Field "nam" is not defined by type "Like". Did you mean "name"?',
    ])
    expect(await messages(await start({ introspection: false }))).toEqual([
      'Cannot query field "helo" on type "Query".',
      'Variable "$like" got invalid value { nam: "you" }; Field "nam" is not defined by type "Like".',
    ])
  })

  test('a text of a client that suggests names again and again is answered at once', async () => {
    const text = 'Did you mean '.repeat(70_000)
    const { body } = await post(await start({ introspection: false, maxBodyBytes: 1_000_000 }), {
      query: `query ($n: Int = "${text}") { hello }`,
    })
    expect(body.errors?.[0].message).toContain('Int cannot represent non-integer value: "Did you mean')
  })

  test('an operation name is told shortly', async () => {
    const { body } = await post(await start(), {
      query: 'query A { hello }',
      operationName: 'B'.repeat(800),
    })
    expect(body.errors?.[0].message).toBe(`Unknown operation named "${'B'.repeat(100)}...".`)
  })

  test('an operation name of any length is short in metrics and the log, which keep it', async () => {
    const metrics = new CountedMetrics()
    const lines: string[] = []
    const log = createTextLog('info', 'server', (line) => lines.push(line))
    const server = await start({ metrics, log, maxBodyBytes: 100_000 })
    const query = `query ${'A'.repeat(50_000)} { hello }`
    for (let time = 0; time < 2; time++) expect((await post(server, { query })).body.data).toBeDefined()
    await until(() => lines.length === 2)
    const operation = `${'A'.repeat(100)}...`
    expect(metrics.bySeries('presage_http_requests_total')).toEqual({
      [`operation=${operation} status=200`]: 2,
    })
    for (const line of lines) expect(line).toContain(` operation=${operation} `)
  })

  test('an empty operation name is the name of no operation', async () => {
    const { body } = await post(await start(), { query: 'query A { hello }', operationName: '' })
    expect(body.errors?.[0].message).toBe('Unknown operation named "".')
  })

  test('an unknown operation name and a wrong variable are errors of the request', async () => {
    const server = await start()
    const unknown = await post(server, { query: 'query A { hello }', operationName: 'B' })
    expect([unknown.status, unknown.body.errors?.[0]]).toMatchObject([
      200,
      { message: 'Unknown operation named "B".', extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } },
    ])
    const wrong = await post(server, { query: 'query ($n: String) { hello(name: $n) }', variables: { n: 1 } })
    expect([wrong.status, wrong.body.errors?.[0].extensions]).toEqual([200, { code: 'BAD_USER_INPUT' }])
  })

  test('@defer is refused by name, first of all', async () => {
    const { status, body } = await post(await start(), { query: '{ ... @defer { hello } }' })
    expect([status, body.errors?.[0]]).toMatchObject([
      200,
      { message: '@defer: not supported', extensions: { code: 'NOT_SUPPORTED' } },
    ])
  })
})

describe('errors', () => {
  test('an internal error is redacted for the client and logged whole', async () => {
    const log = stderr()
    const { status, body } = await post(await start(), { query: '{ hello secret }' })
    expect(status).toBe(200)
    expect(body).toEqual({
      data: { hello: 'hello you', secret: null },
      errors: [
        {
          message: 'Internal error',
          locations: [{ line: 1, column: 9 }],
          path: ['secret'],
          extensions: { code: 'INTERNAL_SERVER_ERROR' },
        },
      ],
    })
    const written = log.mock.calls.join()
    expect(written).toContain('password is 1234')
    expect(written).toContain('at secret')
  })

  test('what is meant for clients passes with code and details, and does not choose our status', async () => {
    const log = stderr()
    const { status, body } = await post(await start(), { query: '{ coded refused }' })
    expect(status).toBe(200)
    expect(body.errors).toEqual([
      {
        message: 'queue full',
        locations: [{ line: 1, column: 3 }],
        path: ['coded'],
        extensions: { code: 'OVERLOADED', shard: 'main' },
      },
      {
        message: 'not for you',
        locations: [{ line: 1, column: 9 }],
        path: ['refused'],
        extensions: { code: 'FORBIDDEN' },
      },
    ])
    expect(log).not.toHaveBeenCalled()
  })

  test('errors of the request: syntax, body, type, batch', async () => {
    const server = await start()
    const reply = async (body: unknown, headers?: Record<string, string>) => {
      const { status, body: json } = await post(server, body, headers)
      return [status, json.errors?.[0].extensions['code']]
    }
    expect(await reply({ query: '{ hello ' })).toEqual([200, 'GRAPHQL_PARSE_FAILED'])
    expect(await reply({ query: '{ nothing }' })).toEqual([200, 'GRAPHQL_VALIDATION_FAILED'])
    for (const json of ['application/json;q=0.9', 'application/json']) {
      const accept = `application/graphql-response+json, ${json}`
      expect(await reply({ query: '{ hello ' }, { accept })).toEqual([400, 'GRAPHQL_PARSE_FAILED'])
      expect(await reply({ query: '{ nothing }' }, { accept })).toEqual([400, 'GRAPHQL_VALIDATION_FAILED'])
    }
    expect(await reply('{"query": ')).toEqual([400, 'BAD_REQUEST'])
    expect(await reply('')).toEqual([400, 'BAD_REQUEST'])
    expect(await reply('null')).toEqual([400, 'BAD_REQUEST'])
    expect(await reply({ query: '{ hello }' }, { 'content-type': 'text/plain' })).toEqual([
      415,
      'BAD_REQUEST',
    ])
    expect(
      await reply({ query: '{ hello }' }, { 'content-type': 'application/json; charset=latin1' }),
    ).toEqual([415, 'BAD_REQUEST'])
    expect(await reply({ query: '{ hello }' }, { 'content-encoding': 'gzip' })).toEqual([415, 'BAD_REQUEST'])
  })

  test('a client that accepts no answer of GraphQL is refused before anything is executed', async () => {
    const server = await start({ maxOperations: 2 })
    const hello = { query: '{ hello }' }
    const headers = { accept: 'text/html' }
    const refusal = {
      message: 'accept: must allow application/json or application/graphql-response+json, got "text/html"',
      extensions: { code: 'BAD_REQUEST' },
    }
    await post(server, hello)
    requests.length = 0
    for (const asked of [hello, [hello, hello]])
      expect(await post(server, asked, headers)).toMatchObject({ status: 406, body: { errors: [refusal] } })
    const url = `${server.url}/graphql?query=${encodeURIComponent('{ hello }')}`
    const got = await fetch(url, { headers: { ...headers, 'apollo-require-preflight': '1' } })
    expect([got.status, await got.json()]).toEqual([406, { errors: [refusal] }])
    expect(requests).toEqual([])
  })

  test('a list of operations is refused while batching is off, before anything runs', async () => {
    const { status, body } = await post(await start(), [{ query: '{ hello }' }, { query: '{ hello }' }])
    expect([status, body]).toEqual([
      400,
      {
        errors: [
          {
            message: 'body: must be one operation, got a list of 2; batching is off (limits.operations is 1)',
            extensions: { code: 'OPERATION_TOO_LARGE', limit: 'operations', count: 2, maximum: 1 },
          },
        ],
      },
    ])
    expect(requests).toEqual([])
  })

  test('batching, where it is on, is answered in order and up to its limit', async () => {
    const server = await start({ maxOperations: 2 })
    const hello = (name: string) => ({ query: `{ hello(name: "${name}") }` })
    const { status, body } = await post(server, [hello('a'), { query: '{ nothing }' }])
    expect([status, body]).toMatchObject([
      200,
      [{ data: { hello: 'hello a' } }, { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] }],
    ])
    const refused = await post(server, [hello('a'), hello('b'), hello('c')])
    expect([refused.status, refused.body.errors?.[0].message]).toEqual([
      400,
      'body: may hold at most 2 operations, got 3',
    ])
    expect((await post(server, [])).status).toBe(400)
  })

  test.each<[unknown, string, string]>([
    [5, 'body', '5'],
    [{}, 'body', '{}'],
    [[{ query: '{ hello }' }, 'text'], 'body.1', '"text"'],
    [[[{ query: '{ hello }' }]], 'body.0', 'a list'],
  ])('what is no operation is told with its place: %j', async (sent, place, got) => {
    const { status, body } = await post(await start({ maxOperations: 2 }), sent)
    const message = `${place}: must be an object with a query, such as {"query":"{ __typename }"}, got ${got}`
    expect([status, body]).toEqual([400, { errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] }])
    expect(requests).toEqual([])
  })

  test.each<[object, string]>([
    [{ query: 5 }, 'query: must be text, got 5'],
    [{ query: '{ hello }', operationName: ['a'] }, 'operationName: must be text, got ["a"]'],
    [{ query: '{ hello }', variables: '{}' }, 'variables: must be an object, got "{}"'],
    [{ query: '{ hello }', variables: [] }, 'variables: must be an object, got []'],
    [{ query: '{ hello }', extensions: 1 }, 'extensions: must be an object, got 1'],
  ])('an operation is refused before another one of its list runs: %j', async (sent, message) => {
    const server = await start({ maxOperations: 2 })
    const refusal = (place: string) => ({
      status: 400,
      body: { errors: [{ message: `${place}.${message}`, extensions: { code: 'BAD_REQUEST' } }] },
    })
    expect(await post(server, sent)).toMatchObject(refusal('body'))
    expect(await post(server, [{ query: '{ hello }' }, sent])).toMatchObject(refusal('body.1'))
    expect(requests).toEqual([])
  })

  test('a WebSocket is refused as such, not as a GET without an operation', async () => {
    const { url } = await start()
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-protocol': 'graphql-transport-ws',
      'sec-fetch-site': 'same-origin',
    }
    const [got] = (await once(get(`${url}/graphql`, { headers }), 'response')) as [IncomingMessage]
    let text = ''
    for await (const chunk of got.setEncoding('utf8')) text += chunk
    expect([got.statusCode, JSON.parse(text).errors]).toEqual([
      400,
      [{ message: expect.stringContaining('no subscriptions'), extensions: { code: 'NOT_SUPPORTED' } }],
    ])
  })

  test('a document of more tokens than allowed is refused before it is read to its end', async () => {
    const log = stderr()
    const server = await start({ maxTokens: 4 })
    expect((await post(server, { query: '{ a: hello' })).body.errors?.[0].extensions['code']).toBe(
      'GRAPHQL_PARSE_FAILED',
    )
    const { body } = await post(server, { query: '{ a: hello }' })
    expect(body).toEqual({
      errors: [
        {
          message: 'operation: its document may have at most 4 tokens, got more',
          extensions: { code: 'OPERATION_TOO_LARGE', limit: 'tokens', maximum: 4 },
        },
      ],
    })
    expect(log).not.toHaveBeenCalled()
  })

  test('an operation that nests deeper than the parser has stack for is the error of the client', async () => {
    const log = stderr()
    const server = await start({ maxBodyBytes: 100_000 })
    const { status, body } = await post(server, {
      query: `{hello${'{hello'.repeat(6000)}${'}'.repeat(6001)}`,
    })
    expect([status, body.errors]).toEqual([
      200,
      [
        {
          message: 'operation: may nest at most 250 levels deep, got more',
          extensions: { code: 'OPERATION_TOO_LARGE', limit: 'nesting', maximum: 250 },
        },
      ],
    ])
    expect(log).not.toHaveBeenCalled()
  })

  test('a client that goes away in the middle of its body is nothing to write down', async () => {
    const log = stderr()
    let gone!: () => void
    const left = new Promise<void>((resolve) => {
      gone = resolve
    })
    const report = { isOn: () => true, write: jest.fn(() => gone()) }
    const server = await start({ log: report })
    const socket = connect(server.port, '127.0.0.1')
    await once(socket, 'connect')
    const head = 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100'
    socket.write(`${head}\r\n\r\n{"que`)
    await fetch(`${server.url}/health/live`)
    socket.destroy()
    await left
    await fetch(`${server.url}/health/live`)
    expect(log).not.toHaveBeenCalled()
    expect(report.write.mock.calls).toEqual([
      ['info', 'request', expect.objectContaining({ aborted: true, status: 499, operation: undefined })],
    ])
  })

  test.each([
    ['that says its length', (text: string) => text],
    [
      'in chunks',
      (text: string) =>
        new ReadableStream({
          start(controller) {
            for (let i = 0; i < 4; i++) controller.enqueue(new TextEncoder().encode(text))
            controller.close()
          },
        }),
    ],
  ])('a body %s above the limit is 413, and the connection lives on', async (_, make) => {
    const server = await start()
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: make('x'.repeat(2_000_000)),
      duplex: 'half',
    } as RequestInit)
    expect(response.status).toBe(413)
    expect(await response.json()).toEqual({
      errors: [
        {
          message: 'body: must be at most 1000 bytes, got more',
          extensions: { code: 'BODY_TOO_LARGE', maxBytes: 1000 },
        },
      ],
    })
    expect((await post(server, { query: '{ hello }' })).status).toBe(200)
  })
})

describe('what is known of the request', () => {
  test('declared headers are read as their type; what does not read so is absent', async () => {
    const server = await start()
    const query = '{ hello }'
    await post(server, { query }, { 'x-member': '12', 'x-age': '30.5', 'x-beta': 'true', 'x-other': 'y' })
    await post(server, { query }, { 'x-member': '', 'x-age': 'old', 'x-beta': '1' })
    expect(requests.map(({ context }) => context)).toEqual([{ member: '12', age: 30.5, beta: true }, {}])
  })

  test('the deadline is the shorter of what the client and the configuration say', async () => {
    const clock = { now: () => 1000, after: () => () => {} }
    const server = await start({ clock, defaultTimeoutMs: 5000 })
    await post(server, { query: '{ hello }' }, { 'x-presage-timeout-ms': '250' })
    await post(server, { query: '{ hello }' }, { 'x-presage-timeout-ms': '99999' })
    await post(server, { query: '{ hello }' })
    expect(requests.map(({ deadline }) => deadline)).toEqual([1250, 6000, 6000])
  })

  test.each(['0', '-5', '1.5', 'soon', ''])('a timeout of "%s" is a bad request', async (timeout) => {
    const { status, body } = await post(
      await start(),
      { query: '{ hello }' },
      { 'x-presage-timeout-ms': timeout },
    )
    expect(status).toBe(400)
    expect(body.errors?.[0]).toMatchObject({
      message: `x-presage-timeout-ms: must be a whole number of milliseconds above 0, got "${timeout}"`,
      extensions: { code: 'BAD_REQUEST' },
    })
  })

  test("a request is known by its client's id, or by one of ours, which is answered", async () => {
    const lines: unknown[] = []
    const server = await start({
      log: { isOn: () => true, write: (level, message, fields) => lines.push([level, message, fields]) },
    })
    const reply = async (id: string, body: unknown = { query: 'query Greet { hello }' }) =>
      (await post(server, body, { 'x-request-id': id })).headers.get('x-request-id')
    expect(await reply('page-7')).toBe('page-7')
    expect(requests[0].id).toBe('page-7')
    expect(await reply('no spaces, please')).toMatch(/^[0-9a-f]{32}$/)
    expect(await reply('broken', '{')).toBe('broken')
    expect(lines[0]).toEqual([
      'info',
      'request',
      {
        requestId: 'page-7',
        operation: 'Greet',
        status: 200,
        durationMs: expect.any(Number),
        predictionRows: 0,
        aborted: false,
      },
    ])
    await post(server, { query: '{ secret }' }, { 'x-request-id': 'page-8' })
    expect(lines).toContainEqual([
      'error',
      'internal error',
      {
        requestId: 'page-8',
        operation: '(anonymous)',
        path: 'secret',
        error: expect.objectContaining({ message: 'password is 1234' }),
      },
    ])
  })

  test('it is known whether anybody else waits at the server, but not of who has just come', async () => {
    const server = await start()
    const agents = [1, 2].map(() => new Agent({ keepAlive: true, maxSockets: 1 }))
    const [one, other] = agents.map((agent) => async (query: string) => {
      const headers = { 'content-type': 'application/json' }
      const message = request(`${server.url}/graphql`, { method: 'POST', agent, headers })
      message.end(JSON.stringify({ query }))
      const [response] = await once(message, 'response')
      await once(response.resume(), 'end')
    })
    await one('{ hello }')
    await one('{ hello }')
    await other('{ hello }')
    const waiting = one('{ held }')
    await held.entered
    await other('{ hello }')
    held.open()
    await waiting
    await other('{ hello }')
    expect(alone).toEqual([false, true, false, false, true])
    for (const agent of agents) agent.destroy()
  })

  test('a client that goes away while its token is verified takes no place', async () => {
    const acquire = jest.spyOn(OverloadHandler.prototype, 'acquire')
    const verifying: ((claims: Readonly<Record<string, unknown>>) => void)[] = []
    const outcomes: unknown[] = []
    const { url } = await start({
      trust: { ...loopbackTrust, verifyToken: () => new Promise((resolve) => verifying.push(resolve)) },
      log: { isOn: () => true, write: (_, __, fields) => outcomes.push(fields?.['aborted']) },
    })
    const client = new AbortController()
    const headers = { authorization: 'Bearer x', 'apollo-require-preflight': '1' }
    const got = fetch(`${url}/graphql?query={hello}`, { headers, signal: client.signal })
    await until(() => verifying.length === 1)
    client.abort()
    await expect(got).rejects.toThrow('aborted')
    await until(() => outcomes.includes(true))
    verifying[0]({})
    await new Promise(setImmediate)
    expect(acquire).not.toHaveBeenCalled()
    expect(requests).toEqual([])
  })

  test('a client that goes away aborts its request', async () => {
    const outcomes: unknown[] = []
    const server = await start({
      log: { isOn: () => true, write: (_, __, fields) => outcomes.push(fields?.['aborted']) },
    })
    const client = new AbortController()
    const reply = post(server, { query: '{ hello }' })
    await reply
    const gone = fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ held }' }),
      signal: client.signal,
    })
    const { signal } = await held.entered
    expect(signal.aborted).toBe(false)
    const aborted = once(signal, 'abort')
    client.abort()
    await expect(gone).rejects.toThrow()
    await aborted
    expect(outcomes).toEqual([false, true])
  })
})

describe('other paths', () => {
  test('health, metrics, and nothing else', async () => {
    let ready = false
    const server = await start({
      readiness: () => ({ ready, reasons: ready ? [] : ['rating-predictor@4 is warming up'] }),
    })
    const get = async (path: string, headers = {}) => {
      const response = await fetch(server.url + path, { headers, redirect: 'manual' })
      return { status: response.status, headers: response.headers, text: await response.text() }
    }
    expect((await get('/health/live')).status).toBe(200)
    const waiting = await get('/health/ready')
    expect([waiting.status, JSON.parse(waiting.text)]).toEqual([
      503,
      { ready: false, reasons: ['rating-predictor@4 is warming up'] },
    ])
    ready = true
    expect((await get('/health/ready')).status).toBe(200)
    const metrics = await get('/metrics')
    expect([metrics.text, metrics.headers.get('content-type')]).toEqual([
      'up 1\n',
      'text/plain; version=0.0.4; charset=utf-8',
    ])
    expect((await get('/')).status).toBe(404)
    expect((await get('/nothing?x=1')).status).toBe(404)
  })

  test('an IDE that needs nothing else at /, Apollo Sandbox at /sandbox', async () => {
    const server = await start({ ide: true })
    const ide = await fetch(server.url)
    const policy = ide.headers.get('content-security-policy')
    expect([ide.status, ide.headers.get('content-type'), ide.headers.get('content-encoding')]).toEqual([
      200,
      'text/html; charset=utf-8',
      'gzip',
    ])
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/https?:/)
    const html = await ide.text()
    // Not handed to a matcher, which would print 9 MB.
    expect(html.includes('<title>Presage</title>')).toBe(true)
    const plain = await fetch(server.url, { headers: { 'accept-encoding': 'identity' } })
    expect([plain.headers.get('content-encoding'), (await plain.text()) === html]).toEqual([null, true])

    const sandbox = await fetch(`${server.url}/sandbox`)
    expect(sandbox.headers.get('content-security-policy')).toContain(
      'https://embeddable-sandbox.cdn.apollographql.com',
    )
    expect(await sandbox.text()).toContain('new window.EmbeddedSandbox(')
    const posted = await fetch(server.url, { method: 'POST', body: '{}' })
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    expect(await posted.json()).toEqual({
      errors: [
        {
          message: 'a page must be asked for with GET, got POST; operations go to /graphql',
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    })
  })

  test('a browser at /graphql is led to the IDE with its query, a program is not', async () => {
    const server = await start({ ide: true })
    const get = (accept: string) =>
      fetch(`${server.url}/graphql?query={hello}`, {
        headers: { accept, 'apollo-require-preflight': '1' },
        redirect: 'manual',
      })
    const browser = await get('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8')
    expect([browser.status, browser.headers.get('location')]).toEqual([302, './?query={hello}'])
    expect((await get('*/*')).status).toBe(200)
    expect((await get('application/json, text/html')).status).toBe(200)
  })

  test('metrics that cannot be read are a redacted 500', async () => {
    const log = stderr()
    const server = await start({ metricsText: () => Promise.reject(new Error('registry is gone')) })
    const response = await fetch(`${server.url}/metrics`)
    expect([response.status, await response.text()]).toEqual([
      500,
      '{"errors":[{"message":"Internal error","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}',
    ])
    expect(log.mock.calls.join()).toContain('registry is gone')
  })
})

describe('closing', () => {
  test('what is in flight is answered, on a connection that then ends; a connection in use is told; nobody new comes in', async () => {
    const server = await start()
    const keptAlive = await openSocket(server)
    const pending = post(server, { query: '{ held }' })
    await held.entered
    const closed = server.close()
    await connectionsTaken()

    keptAlive.write('GET /health/ready HTTP/1.1\r\nhost: localhost\r\n\r\n')
    const [health] = (await once(keptAlive, 'data')) as [Buffer]
    expect(health.toString()).toMatch(/^HTTP\/1.1 503 [\s\S]*connection: close[\s\S]*shutting down/i)
    await expect(fetch(`${server.url}/health/live`)).rejects.toThrow()

    held.open()
    const { status, headers, body } = await pending
    expect([status, headers.get('connection'), body]).toEqual([200, 'close', { data: { held: 'done' } }])
    await closed
  })

  test('connections that nobody has accepted yet are answered, not reset', async () => {
    const server = await start()
    const answers = Array.from({ length: 20 }, () => answerOf(connect(server.port, '127.0.0.1')))
    // The operating system has opened them all; the loop has not come to the first.
    await new Promise((resolve) => process.nextTick(resolve))
    const closed = server.close()
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1.1 200 /)
    await closed
  })

  test('so they are where the process stands still meanwhile', async () => {
    const server = await start()
    const answers = Array.from({ length: 20 }, () => answerOf(connect(server.port, '127.0.0.1')))
    await new Promise((resolve) => process.nextTick(resolve))
    const closed = server.close()
    for (const end = performance.now() + 1_000; performance.now() < end; );
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1.1 200 /)
    await closed
  })

  test('a connection that was new has time to send a request', async () => {
    const server = await start()
    const fresh = connect(server.port, '127.0.0.1')
    await once(fresh, 'connect')
    const used = await openSocket(server)
    const ended = once(used.resume(), 'close')
    const closed = server.close()
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await answerOf(fresh)).toMatch(/^HTTP\/1.1 200 /)
    await ended
    await closed
  })

  test('idle connections are ended, also one that never sent anything', async () => {
    const server = await start()
    const silent = connect(server.port, '127.0.0.1')
    await once(silent, 'connect')
    const used = await openSocket(server)
    for (const socket of [used, silent]) socket.resume()
    await server.close()
    await until(() => used.closed && silent.closed)
    expect([used, silent].map(({ readableEnded }) => readableEnded)).toEqual([true, true])
  })

  test('what does not finish within the grace period is cut', async () => {
    const server = await start({ closeGraceMs: 20 })
    const pending = post(server, { query: '{ held }' })
    await held.entered
    const cut = expect(pending).rejects.toThrow()
    await server.close()
    await cut
  })
})

/** A closing server listens until a turn of the event loop brings no connection. */
async function connectionsTaken(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Asks whether the server is alive; all that came until the connection ended, or why it broke. */
async function answerOf(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk
  })
  socket.write('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n')
  return new Promise((resolve) => {
    socket.once('close', () => resolve(text))
    socket.once('error', (error) => resolve(error.message))
  })
}

/** A connection that has served a request and waits for the next. */
async function openSocket(server: HttpServer): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n')
  await once(socket, 'data')
  return socket
}
