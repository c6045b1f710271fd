import type { ServerResponse } from 'node:http'
import type { ExecutionResult } from 'graphql'
import { ConnectionPool } from '../../../gateway/remote/connectionPool'
import { createHttpExecutor, type HttpExecutorOptions } from '../../../gateway/remote/httpExecutor'
import { LoadError, PresageError } from '../../../lib/errors'
import type { SubgraphExecutor } from '../../../lib/execution/subgraphExecutor'
import { type ClientHeaders, createClientRequest } from '../../../lib/request/clientRequest'
import { operation, plain } from '../../contracts/subgraphExecutor'
import { callerOf } from '../../support/callerOf'
import { FakeClock, settle } from '../../support/fakeClock'
import { type Answerer, type GraphqlServer, sendJson, startGraphqlServer } from '../../support/graphqlServer'
import { until } from '../../support/until'

let clock: FakeClock
const cleanUp: (() => Promise<void> | undefined)[] = []

beforeEach(() => {
  clock = new FakeClock()
})

afterEach(async () => {
  for (const stop of cleanUp.splice(0).reverse()) await stop()
})

interface Setup {
  readonly server: GraphqlServer
  readonly executor: SubgraphExecutor
  ask(text: string, how?: Asking): Promise<ExecutionResult>
}

interface Asking {
  readonly variables?: Record<string, unknown>
  readonly headers?: ClientHeaders
  readonly signal?: AbortSignal
  /** How much time the request has left. */
  readonly leftMs?: number
}

async function setUp(answer: Answerer, options: Partial<HttpExecutorOptions> = {}): Promise<Setup> {
  const server = await startGraphqlServer(answer)
  const executor = createHttpExecutor({
    name: 'books',
    url: server.url,
    timeoutMs: 1000,
    clock,
    random: () => 0,
    ...options,
  })
  cleanUp.push(server.close, () => executor.dispose?.())
  const known = new Map<string, ReturnType<typeof operation>>()
  return {
    server,
    executor,
    ask(text, { variables = {}, headers, signal, leftMs = 60_000 } = {}) {
      const asked = known.get(text) ?? operation(text)
      known.set(text, asked)
      const request = createClientRequest({
        id: '1',
        deadline: clock.now() + leftMs,
        headers,
        caller: signal && callerOf(signal),
      })
      return executor.execute(asked, variables, request)
    },
  }
}

/** Holds every call until the test lets it go with an answer. */
function held() {
  const responses: ServerResponse[] = []
  const answer: Answerer = (_, response) => {
    responses.push(response)
  }
  return {
    answer,
    release(data: unknown) {
      for (const response of responses.splice(0)) sendJson(response, { data })
    },
  }
}

const ok: Answerer = (_, response) => sendJson(response, { data: { ok: 1 } })

const code = (result: ExecutionResult) => result.errors?.[0].extensions['code']
const cause = (result: ExecutionResult) => result.errors?.[0].originalError?.cause as Error

describe('what is sent', () => {
  it('is a POST of the text and the variables, with the types that are understood', async () => {
    const { server, ask } = await setUp(ok)
    await ask('query ($a: [Int]) { ok(a: $a) }', { variables: { a: [1, null] } })
    const [{ query, variables, headers }] = server.calls
    expect([query, variables]).toEqual(['query ($a: [Int]) { ok(a: $a) }', { a: [1, null] }])
    expect(headers['content-type']).toBe('application/json')
    expect(headers['accept']).toBe('application/graphql-response+json, application/json;q=0.9')
  })

  it("passes on the client's headers that are named, no others, and lets own ones win", async () => {
    const { server, ask } = await setUp(ok, {
      forwardHeaders: ['Authorization', 'x-tenant', 'x-absent'],
      headers: ({ id }) => ({ 'x-request': id, 'x-tenant': 'own' }),
    })
    await ask('{ ok }', { headers: { authorization: 'Bearer t', 'x-tenant': 'client', cookie: 'secret' } })
    const [{ headers }] = server.calls
    expect(headers).toMatchObject({ authorization: 'Bearer t', 'x-tenant': 'own', 'x-request': '1' })
    expect(headers).not.toHaveProperty('cookie')
    expect(headers).not.toHaveProperty('x-absent')
  })

  it('goes over kept connections', async () => {
    const { server, ask } = await setUp(ok)
    for (let i = 0; i < 20; i++) await ask('{ ok }')
    // The second is opened where an answer is read before its connection is free again.
    expect(server.connections.opened).toBeLessThanOrEqual(2)
  })

  it('goes over no more connections than allowed', async () => {
    const { answer, release } = held()
    const { server, ask } = await setUp(answer, { connections: 2 })
    const asked = [1, 2, 3].map((a) => ask('query ($a: Int) { ok(a: $a) }', { variables: { a } }))
    await server.called(2)
    release({ ok: 1 })
    await server.called(3)
    release({ ok: 1 })
    await Promise.all(asked)
    expect(server.connections.opened).toBe(2)
  })
})

describe('the same query in flight', () => {
  it('is sent once', async () => {
    const { answer, release } = held()
    const { server, ask } = await setUp(answer)
    const both = [ask('{ ok }'), ask('{ ok }')]
    await server.called(1)
    const third = ask('{ ok }')
    release({ ok: 1 })
    for (const one of await Promise.all([...both, third])) expect(plain(one)).toEqual({ data: { ok: 1 } })
    expect(server.calls).toHaveLength(1)
  })

  it('is sent again where text, variables or a passed-on header differ, and once it was answered', async () => {
    const { answer, release } = held()
    const { server, ask } = await setUp(answer, { forwardHeaders: ['authorization'] })
    const text = 'query ($a: Int) { ok(a: $a) }'
    const asked = [
      ask(text, { variables: { a: 1 } }),
      ask(text, { variables: { a: 2 } }),
      ask(`${text} `, { variables: { a: 1 } }),
      ask(text, { variables: { a: 1 }, headers: { authorization: 'other' } }),
      ask(text, { variables: { a: 1 }, headers: { 'x-not-passed-on': 'other' } }),
    ]
    await server.called(4)
    release({ ok: 1 })
    await Promise.all(asked)
    expect(server.calls).toHaveLength(4)
    const again = ask(text, { variables: { a: 1 } })
    await server.called(5)
    release({ ok: 1 })
    await again
  })

  it('is not what a mutation joins', async () => {
    const { answer, release } = held()
    const { server, ask } = await setUp(answer)
    const both = [ask('mutation { add }'), ask('mutation { add }')]
    await until(() => server.calls.length === 2)
    release({ add: 1 })
    expect(await Promise.all(both)).toEqual([{ data: { add: 1 } }, { data: { add: 1 } }])
    expect(server.calls).toHaveLength(2)
  })

  it('does not answer who asks after a mutation, since it may have read before that', async () => {
    const waiting: ServerResponse[] = []
    const answer: Answerer = (call, response) => {
      if (call.query.startsWith('mutation')) sendJson(response, { data: { add: 1 } })
      else waiting.push(response)
    }
    const { server, ask } = await setUp(answer)
    const before = ask('{ sum }')
    await server.called(1)
    await ask('mutation { add }')
    const after = ask('{ sum }')
    await server.called(3)
    sendJson(waiting[0], { data: { sum: 0 } })
    sendJson(waiting[1], { data: { sum: 1 } })
    expect([plain(await before).data, plain(await after).data]).toEqual([{ sum: 0 }, { sum: 1 }])
  })

  it('goes on for the others when one leaves, and is given up with the last one', async () => {
    const { server, ask } = await setUp(held().answer)
    const [first, second] = [new AbortController(), new AbortController()]
    const left = [ask('{ ok }', { signal: first.signal }), ask('{ ok }', { signal: second.signal })]
    await server.called(1)
    let isAbandoned = false
    server.calls[0].abandoned.then(() => {
      isAbandoned = true
    })
    first.abort()
    expect(code(await left[0])).toBe('CANCELLED')
    await settle()
    expect(isAbandoned).toBe(false)
    second.abort()
    expect(code(await left[1])).toBe('CANCELLED')
    await server.calls[0].abandoned
  })

  it('is sent anew for who comes after it was given up', async () => {
    const { answer, release } = held()
    const { server, ask } = await setUp(answer)
    const leaving = new AbortController()
    const left = ask('{ ok }', { signal: leaving.signal })
    await server.called(1)
    leaving.abort()
    const next = ask('{ ok }')
    await server.called(2)
    release({ ok: 1 })
    expect(plain(await next)).toEqual({ data: { ok: 1 } })
    await left
  })

  it('waits as long for each as that one has time', async () => {
    const { answer, release } = held()
    const { server, ask } = await setUp(answer)
    const hasty = ask('{ ok }', { leftMs: 100 })
    const patient = ask('{ ok }', { leftMs: 5000 })
    await server.called(1)
    clock.advance(100)
    expect(code(await hasty)).toBe('DEADLINE_EXCEEDED')
    release({ ok: 1 })
    expect(plain(await patient)).toEqual({ data: { ok: 1 } })
  })
})

describe('time', () => {
  it("is the subgraph's own where the request has more", async () => {
    const { server, ask } = await setUp(held().answer, { timeoutMs: 300 })
    const late = ask('{ ok }')
    await server.called(1)
    clock.advance(300)
    expect(plain(await late)).toEqual({
      errors: [
        {
          message: 'subgraph books: no answer within 300 ms',
          extensions: { code: 'UPSTREAM_FAILED', subgraph: 'books' },
        },
      ],
    })
    await server.calls[0].abandoned
  })

  it('is up at once where the request has none left: nothing is sent', async () => {
    const { server, ask } = await setUp(ok)
    expect(code(await ask('{ ok }', { leftMs: 0 }))).toBe('DEADLINE_EXCEEDED')
    expect(server.calls).toHaveLength(0)
  })

  it('leaves no listener behind, and one timer for all calls', async () => {
    const { ask } = await setUp(ok)
    const signal = new AbortController().signal
    const removed = jest.spyOn(signal, 'removeEventListener')
    for (let call = 0; call < 3; call++) await ask('{ ok }', { signal })
    expect(clock.pending).toBe(1)
    expect(removed).toHaveBeenCalledTimes(3)
  })
})

describe('retries', () => {
  /** Fails as told, one call after the other, then answers. */
  function failing(...failures: (number | 'reset')[]): Answerer {
    return (call, response) => {
      const failure = failures.shift()
      if (failure === undefined) ok(call, response)
      else if (failure === 'reset') response.socket?.destroy()
      else sendJson(response, 'busy', failure, 'text/plain')
    }
  }

  /** Moves time on whenever all that is left to do is to wait. */
  async function patiently<T>(asked: Promise<T>): Promise<T> {
    let isDone = false
    asked.finally(() => {
      isDone = true
    })
    while (!isDone) {
      await settle()
      if (clock.pending > 1) clock.advance(1)
    }
    return asked
  }

  it.each([502, 503, 504, 'reset'] as const)('a query is sent again after %s', async (failure) => {
    const { server, ask } = await setUp(failing(failure, failure))
    expect(plain(await patiently(ask('{ ok }')))).toEqual({ data: { ok: 1 } })
    expect(server.calls).toHaveLength(3)
  })

  it('pauses double and vary', async () => {
    const { server, ask } = await setUp(failing(503, 503), { random: () => 0.5 })
    const began = clock.now()
    await patiently(ask('{ ok }'))
    expect(clock.now() - began).toBe(38 + 75) // 37.5 and 75, in steps of whole milliseconds
    expect(server.calls).toHaveLength(3)
  })

  it('end where they are told to', async () => {
    const { server, ask } = await setUp(failing(503, 503, 503), { retries: 1 })
    expect(code(await patiently(ask('{ ok }')))).toBe('UPSTREAM_FAILED')
    expect(server.calls).toHaveLength(2)
  })

  it('end where the time would be up before the next', async () => {
    const { server, ask } = await setUp(failing(503, 503))
    expect(code(await ask('{ ok }', { leftMs: 25 }))).toBe('UPSTREAM_FAILED')
    expect(server.calls).toHaveLength(1)
  })

  it.each([503, 'reset'] as const)('a mutation is not sent again after %s', async (failure) => {
    const { server, ask } = await setUp(failing(failure))
    expect(code(await ask('mutation { ok }'))).toBe('UPSTREAM_FAILED')
    expect(server.calls).toHaveLength(1)
  })

  it('nothing is sent again that another try cannot mend', async () => {
    const { server, ask } = await setUp(failing(500))
    expect(code(await ask('{ ok }'))).toBe('UPSTREAM_FAILED')
    expect(server.calls).toHaveLength(1)
  })
})

test('a subgraph that is away is reported once, and once more when it is back', async () => {
  let isAway = true
  const told: (string | undefined)[] = []
  const { ask } = await setUp(
    (call, response) => {
      if (isAway) response.socket?.destroy()
      else ok(call, response)
    },
    { retries: 0, onReach: (error) => told.push(error?.message) },
  )
  const lost = await ask('{ ok }')
  expect(code(lost)).toBe('UPSTREAM_FAILED')
  expect(cause(lost)).toBeUndefined()
  await ask('{ ok }')
  expect(told).toEqual([expect.stringMatching(/^http:\S+: other side closed$/)])
  isAway = false
  await ask('{ ok }')
  await ask('{ ok }')
  expect(told.slice(1)).toEqual([undefined])

  // One that comes and goes does not fill the log.
  for (isAway of [true, false, true, false]) await ask('{ ok }')
  expect(told).toHaveLength(2)
  isAway = true
  await ask('{ ok }')
  expect(told).toHaveLength(2)
  // Unless it stays away.
  clock.advance(1000)
  await ask('{ ok }')
  expect(told.slice(2)).toEqual([expect.stringMatching(/^http:\S+: other side closed$/)])
})

describe('answers that are no GraphQL', () => {
  const json = 'application/json'
  const own = 'application/graphql-response+json'
  it.each([
    [
      'a page',
      200,
      'text/html',
      '<h1>admin:1234</h1>',
      'got text/html with status 200: "<h1>admin:1234</h1>"',
    ],
    ['no type', 200, '', '{"data":{}}', 'got no content type with status 200: "{\\"data\\":{}}"'],
    ['broken JSON', 200, json, '{"data":', 'got broken JSON with status 200: "{\\"data\\":"'],
    ['a list', 200, json, '[]', 'got JSON of another shape with status 200: "[]"'],
    [
      'a number as data',
      200,
      json,
      '{"data":1}',
      'got JSON of another shape with status 200: "{\\"data\\":1}"',
    ],
    [
      'an error that is none',
      200,
      json,
      '{"errors":["x"]}',
      'got JSON of another shape with status 200: "{\\"errors\\":[\\"x\\"]}"',
    ],
    [
      'nothing',
      200,
      json,
      '{"data":null}',
      'got neither data nor errors with status 200: "{\\"data\\":null}"',
    ],
    [
      'data beside a wrong status',
      500,
      json,
      '{"data":{"ok":1}}',
      'got data with status 500: "{\\"data\\":{\\"ok\\":1}}"',
    ],
    ['a redirect', 301, 'text/html', '', 'got text/html with status 301: ""'],
  ])('%s', async (_, status, type, text, detail) => {
    const { server, ask } = await setUp((__, response) => {
      response.writeHead(status, type === '' ? {} : { 'content-type': type }).end(text)
    })
    const result = await ask('{ ok }')
    expect(plain(result)).toEqual({
      errors: [
        {
          message: 'subgraph books: expected an answer, but it failed',
          extensions: { code: 'UPSTREAM_FAILED', subgraph: 'books' },
        },
      ],
    })
    expect(result.errors?.[0].originalError).toBeInstanceOf(PresageError)
    expect(cause(result).message).toBe(`${server.url}: must answer with GraphQL, ${detail}`)
  })

  it.each([
    [
      307,
      { location: 'https://user:1234@books.example/graphql/?key=1234' },
      '',
      'status 307, a redirect to https://books.example/graphql/',
    ],
    [308, { location: '/v2' }, '', 'status 308, a redirect to ORIGIN/v2'],
    [301, { location: 'http://', 'content-type': 'text/html' }, '<p>', 'status 301, a redirect'],
    [
      200,
      { 'content-type': json, 'content-encoding': 'gzip' },
      '\u001f\u008b',
      'status 200 and content-encoding "gzip", which was not asked for',
    ],
  ])('status %i with %j is told by its head', async (status, headers, text, got) => {
    const { server, ask } = await setUp((_, response) => {
      response.writeHead(status, headers as Record<string, string>).end(text)
    })
    const told = got.replace('ORIGIN', new URL(server.url).origin)
    expect(cause(await ask('{ ok }')).message).toBe(`${server.url}: must answer with GraphQL, got ${told}`)
  })

  it.each([
    [400, own, { errors: [{ message: 'no field x' }] }],
    [500, own, { data: null, errors: [{ message: 'broken', path: ['ok'] }] }],
    [500, json, { data: null, errors: [{ message: 'broken', path: ['ok'] }] }],
    [200, `${json};charset=utf-8`, { data: { ok: 1 } }],
    [200, own, { data: { ok: 1 }, errors: [{ message: 'broken', path: ['ok', 0] }] }],
  ])('status %s of %s counts with its errors', async (status, type, body) => {
    const { ask } = await setUp((_, response) => sendJson(response, body, status, type))
    expect(plain(await ask('{ ok }'))).toEqual(body)
  })

  it('nulls in the place of what an error does not have are taken for nothing', async () => {
    const errors = [{ message: 'broken', path: null, extensions: null, locations: null }]
    const { ask } = await setUp((_, response) => sendJson(response, { data: { ok: null }, errors }))
    expect(await ask('{ ok }')).toEqual({ data: { ok: null }, errors: [{ message: 'broken' }] })
  })

  it.each([
    ['path', [{}]],
    ['path', ['ok', null]],
    ['path', ['ok', -1]],
    ['path', ['ok', 0.5]],
    ['path', 'ok.0'],
    ['extensions', []],
    ['extensions', 'X'],
  ])('an error whose %s is %j has none, and the rest of the answer counts', async (member, value) => {
    const errors = [{ message: 'broken', [member]: value }]
    const { ask } = await setUp((_, response) => sendJson(response, { data: { ok: 1 }, errors }))
    expect(await ask('{ ok }')).toEqual({ data: { ok: 1 }, errors: [{ message: 'broken' }] })
  })

  it('an index that is written as a string is an index', async () => {
    const errors = [{ message: 'broken', path: ['ok', '1', 'a1', '03', '1x'] }]
    const { ask } = await setUp((_, response) => sendJson(response, { data: { ok: 1 }, errors }))
    expect((await ask('{ ok }')).errors?.[0].path).toEqual(['ok', 1, 'a1', 3, '1x'])
  })

  it('an answer that is too long is given up', async () => {
    const { server, ask } = await setUp(
      (_, response) => sendJson(response, { data: { ok: 'x'.repeat(2000) } }),
      {
        maxAnswerBytes: 1000,
      },
    )
    const result = await ask('{ ok }')
    expect(code(result)).toBe('UPSTREAM_FAILED')
    expect(cause(result).message).toBe(`${server.url}: must answer with at most 1000 bytes, got more`)
    expect(server.calls).toHaveLength(1)
  })

  it('an answer that breaks off is a lost connection', async () => {
    const { ask } = await setUp(
      (_, response) => {
        response.writeHead(200, { 'content-type': json, 'content-length': 100 })
        response.write('{"data":')
        setImmediate(() => response.socket?.destroy())
      },
      { retries: 0 },
    )
    expect(code(await ask('{ ok }'))).toBe('UPSTREAM_FAILED')
  })
})

describe('addresses', () => {
  it.each([
    ['', 'a URL such as http://localhost:4001/graphql, got ""'],
    ['localhost/graphql', 'a URL such as http://localhost:4001/graphql, got "localhost/graphql"'],
    ['localhost:4001', 'an http or https URL, got "localhost:4001"'],
    ['ftp://host/', 'an http or https URL, got "ftp://host/"'],
  ])('%s is refused', (url, expected) => {
    expect(() => createHttpExecutor({ name: 'books', url, timeoutMs: 1 })).toThrow(
      new LoadError([`subgraph books: url: must be ${expected}`]),
    )
  })

  it('a password is refused and not shown', () => {
    const make = () => createHttpExecutor({ name: 'books', url: 'http://me:1234@host/', timeoutMs: 1 })
    expect(make).toThrow(new LoadError(['subgraph books: url: must hold no user name and no password']))
  })

  it('where none of several addresses of a host can be reached, the log says why', () => {
    const options = { connections: 1, connectTimeoutMs: 1000, maxAnswerBytes: 1000 }
    const pool = new ConnectionPool(new URL('http://example.test/graphql'), options)
    // As Node reports it: without a message.
    const error = Object.assign(new AggregateError([new Error('connect EHOSTUNREACH 10.0.0.7:80')]), {
      code: 'EHOSTUNREACH',
    })
    expect(pool.explain(error).message).toBe('http://example.test/graphql: EHOSTUNREACH')
  })

  it('where nobody listens, the log says so and the client learns no address', async () => {
    const { server, ask } = await setUp(ok, { retries: 0 })
    await server.close()
    const result = await ask('{ ok }')
    expect(JSON.stringify(plain(result))).not.toContain(String(server.port))
    expect(cause(result).message).toBe(`${server.url}: nothing listens there (ECONNREFUSED)`)
  })
})

describe('disposal', () => {
  const openedOnce = async (server: GraphqlServer) => {
    while (server.connections.open > 0) await settle()
    return server.connections.opened
  }

  it('lets calls in flight end and closes their connections', async () => {
    const { answer, release } = held()
    const { server, executor, ask } = await setUp(answer)
    const asked = ask('{ ok }')
    await server.called(1)
    const disposed = executor.dispose?.()
    release({ ok: 1 })
    expect(plain(await asked)).toEqual({ data: { ok: 1 } })
    await disposed
    expect(await openedOnce(server)).toBe(1)
  })

  it('serves a request that still comes, and keeps nothing of it', async () => {
    const { server, executor, ask } = await setUp(ok)
    await ask('{ ok }')
    await executor.dispose?.()
    expect(plain(await ask('{ ok }'))).toEqual({ data: { ok: 1 } })
    expect(await openedOnce(server)).toBe(2)
  })
})
