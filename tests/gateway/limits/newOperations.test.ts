import { ApolloServer } from '@apollo/server'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'
import { defaultLimits } from '../../../gateway/limits/limits'
import { NewOperations } from '../../../gateway/limits/newOperations'
import { createLocalExecutor } from '../../../gateway/local/localExecutor'
import type { HttpServer } from '../../../gateway/server/httpServer'
import { createGateway } from '../../../gateway/supergraph/presageGateway'
import type { PresageError } from '../../../lib/errors'
import { createClientRequest } from '../../../lib/request/clientRequest'
import { CountedMetrics } from '../../support/countedMetrics'
import { FakeClock } from '../../support/fakeClock'
import { federate } from '../federate'
import { startServer } from '../startServer'

const typeDefs = 'type Query { hello(a: Int, b: String): String any(l: [Int!]): Int }'
const resolvers = { Query: { hello: () => 'hi', any: () => 1 } }

const client = (address: string) => createClientRequest({ id: '1', deadline: 0, address })

describe('the share of a client', () => {
  const clock = new FakeClock()
  const metrics = new CountedMetrics()
  const operations = () => new NewOperations({ perSecond: 2, clock, metrics })
  const admitted = (limiter: NewOperations, address: string, count: number) => {
    let taken = 0
    for (let i = 0; i < count; i++) {
      try {
        limiter.admit(client(address))
        taken++
      } catch (error) {
        expect((error as PresageError).code).toBe('TOO_MANY_NEW_OPERATIONS')
      }
    }
    return taken
  }

  test('is that of five seconds at once, and of one in each second after that; refusals are counted', () => {
    const limiter = operations()
    const before = metrics.read('presage_new_operations_refused_total')
    expect(admitted(limiter, 'a', 30)).toBe(10)
    expect(metrics.read('presage_new_operations_refused_total') - before).toBe(20)
    clock.advance(1000)
    expect(admitted(limiter, 'a', 30)).toBe(2)
  })

  test('is not taken by others', () => {
    const limiter = operations()
    expect([admitted(limiter, 'a', 30), admitted(limiter, 'b', 30)]).toEqual([10, 10])
  })

  test('is remembered of the ten thousand clients that were here last', () => {
    const limiter = operations()
    admitted(limiter, 'a', 30)
    for (let i = 0; i < 9_999; i++) limiter.admit(client(`other ${i}`))
    expect(admitted(limiter, 'a', 1)).toBe(0)
    for (let i = 0; i < 10_000; i++) limiter.admit(client(`another ${i}`))
    expect(admitted(limiter, 'a', 1)).toBe(1)
  })
})

describe('texts that are read in vain', () => {
  const clock = new FakeClock()
  const metrics = new CountedMetrics()
  const operations = () => new NewOperations({ perSecond: 2, clock, metrics })

  test('are limited as new operations are, and apart from them', () => {
    const limiter = operations()
    const [one, other] = [client('a'), client('b')]
    for (let i = 0; i < 10; i++) {
      expect(limiter.mayRead(one)).toBe(true)
      limiter.readInVain(one)
    }
    expect([limiter.mayRead(one), limiter.mayRead(other)]).toEqual([false, true])
    limiter.admit(one)
    clock.advance(499)
    expect(limiter.mayRead(one)).toBe(false)
    clock.advance(1)
    expect(limiter.mayRead(one)).toBe(true)
    limiter.readInVain(one)
    expect(limiter.mayRead(one)).toBe(false)
  })

  test('count for each millisecond that they took, for at most five seconds', () => {
    const limiter = operations()
    const one = client('a')
    limiter.readInVain(one, 10_000)
    clock.advance(5_499)
    expect(limiter.mayRead(one)).toBe(false)
    clock.advance(1)
    expect(limiter.mayRead(one)).toBe(true)
  })

  test('are few, however often it is asked whether one may be read', () => {
    const limiter = operations()
    for (let i = 0; i < 100; i++) expect(limiter.mayRead(client('a'))).toBe(true)
  })
})

describe('at the server', () => {
  const clock = new FakeClock()
  const metrics = new CountedMetrics()
  let server: HttpServer

  beforeAll(async () => {
    const { supergraphSdl } = federate({ a: { typeDefs, resolvers } })
    const schema = buildSubgraphSchema([{ typeDefs: parse(typeDefs), resolvers }])
    const gateway = createGateway({
      supergraphSdl,
      executors: new Map([['a', createLocalExecutor('a', schema, () => ({}))]]),
      limits: defaultLimits,
      newOperationsPerSecond: 1,
      clock,
      metrics,
    })
    server = await startServer({
      gateway,
      clock,
    })
  })

  afterAll(() => server.close())

  async function ask(query: string, { accept = 'application/json', from = '192.0.2.1' } = {}) {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, 'x-forwarded-for': from },
      body: JSON.stringify({ query }),
    })
    return {
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      body: (await response.json()) as unknown,
    }
  }

  test('a new operation too many is refused, those that are known and those of others are answered', async () => {
    const good = { status: 200, retryAfter: null, body: { data: expect.anything() } }
    for (let i = 0; i < 5; i++) expect(await ask(`{ a${i}: hello }`)).toEqual(good)
    const errors = [
      {
        message: 'operation: a client may have at most 1 new operations a second, got more',
        extensions: { code: 'TOO_MANY_NEW_OPERATIONS', limit: 'newOperations', maximum: 1 },
      },
    ]
    expect(await ask('{ b: hello }')).toEqual({ status: 200, retryAfter: '1', body: { errors } })
    const accept = 'application/graphql-response+json'
    expect(await ask('{ b: hello }', { accept })).toEqual({ status: 429, retryAfter: '1', body: { errors } })
    expect(await ask('{ a0: hello }')).toEqual(good)
    expect(await ask('{ a0: hello }', { accept })).toEqual(good)
    expect(await ask('{ b: hello }', { from: '192.0.2.2' })).toEqual(good)
    expect(await ask('{ b: hello }')).toEqual(good)
    expect(metrics.read('presage_new_operations_refused_total')).toBe(2)
    clock.advance(1000)
    expect(await ask('{ c: hello }')).toEqual(good)
    expect(await ask('{ d: hello }')).toMatchObject({ retryAfter: '1', body: { errors } })
  })

  test.each([
    ['are not valid', (i: number) => `{ none${i} }`, 'GRAPHQL_VALIDATION_FAILED'],
    ['do not parse', (i: number) => `{ hello(a: ${i}`, 'GRAPHQL_PARSE_FAILED'],
    [
      'name no operation',
      (i: number) => `query A${i} { hello } query B { hello }`,
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['lack a variable', (i: number) => `query ($v${i}: Int!) { hello(a: $v${i}) }`, 'BAD_USER_INPUT'],
  ])('texts that %s are refused unread once there are too many', async (how, text, code) => {
    const from = `192.0.3.${how.length}`
    const known = '{ known: hello(a: 1) }'
    expect(await ask(known, { from })).toMatchObject({ retryAfter: null })
    for (let i = 0; i < 5; i++)
      expect(await ask(text(i), { from })).toMatchObject({ body: { errors: [{ extensions: { code } }] } })
    const apollo = jest.spyOn(ApolloServer.prototype, 'executeHTTPGraphQLRequest')
    for (const one of [text(6), '{ known: hello(a: 2) }'])
      expect(await ask(one, { from })).toMatchObject({
        status: 200,
        retryAfter: '1',
        body: { errors: [{ extensions: { code: 'TOO_MANY_NEW_OPERATIONS' } }] },
      })
    const accept = 'application/graphql-response+json'
    expect(await ask(text(7), { from, accept })).toMatchObject({ status: 429, retryAfter: '1' })
    expect(await ask(known, { from })).toMatchObject({ status: 200, body: { data: { known: 'hi' } } })
    expect(apollo).not.toHaveBeenCalled()
    apollo.mockRestore()
    clock.advance(1000)
    expect(await ask(text(8), { from })).toMatchObject({ body: { errors: [{ extensions: { code } }] } })
  })

  test('so are new operations that were refused, and the unread refusal is the same', async () => {
    const from = '192.0.3.100'
    for (let i = 0; i < 5; i++)
      expect(await ask(`{ g${i}: hello }`, { from })).toMatchObject({ retryAfter: null })
    const apollo = jest.spyOn(ApolloServer.prototype, 'executeHTTPGraphQLRequest')
    const refusals: unknown[] = []
    // One of them again and again, or another each time.
    for (let i = 0; i < 3; i++)
      refusals.push(await ask('{ h: hello }', { from }), await ask(`{ h${i}: hello }`, { from }))
    expect(apollo).toHaveBeenCalledTimes(5)
    apollo.mockRestore()
    expect(refusals[0]).toMatchObject({ status: 200, retryAfter: '1' })
    for (const refusal of refusals) expect(refusal).toEqual(refusals[0])
  })

  test('a client whose texts are refused unread gets the same by GET', async () => {
    const from = '192.0.3.101'
    const get = async (query: string) => {
      const headers = { 'x-forwarded-for': from, 'apollo-require-preflight': '1' }
      const response = await fetch(`${server.url}/graphql?query=${encodeURIComponent(query)}`, { headers })
      return [response.status, response.headers.get('retry-after'), await response.json()]
    }
    for (let i = 0; i < 5; i++) expect(await get(`{ none${i} }`)).toMatchObject([200, null, { errors: [{}] }])
    const refused = { errors: [{ extensions: { code: 'TOO_MANY_NEW_OPERATIONS' } }] }
    expect(await get('{ none }')).toMatchObject([200, '1', refused])
    expect(await get('{ none6: hello }')).toMatchObject([200, '1', refused])
  })

  test('operations that differ in their literals are new once', async () => {
    const from = '192.0.2.3'
    for (let i = 0; i < 20; i++) {
      expect(await ask(`{ hello(a: ${i}, b: "${i}") }`, { from })).toMatchObject({
        body: { data: { hello: 'hi' } },
      })
    }
    for (let i = 0; i < 4; i++)
      expect(await ask(`{ e${i}: hello }`, { from })).toMatchObject({ retryAfter: null })
    expect(await ask('{ f: hello }', { from })).toMatchObject({ retryAfter: '1' })
  })
})
