import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'
import { RequestRates } from '../../../gateway/overload/requestRates'
import type { HttpServer } from '../../../gateway/server/httpServer'
import { envelopeHeader, signEnvelope } from '../../../lib/request/envelope'
import { FakeClock } from '../../support/fakeClock'
import { loopbackTrust, startServer } from '../startServer'

const error = {
  message: 'request: the client has sent more requests a second than limits.requestsPerSecond allows',
  extensions: { code: 'TOO_MANY_REQUESTS', limit: 'requestsPerSecond' },
}

describe('the requests of a client', () => {
  const clock = new FakeClock()
  const weightOf = (client: string) => (client === 'heavy' ? 3 : 1)
  const create = () => new RequestRates({ perSecond: 2, weightOf, clock })
  const admitted = (rates: RequestRates, client: string, count: number) => {
    let taken = 0
    for (let i = 0; i < count; i++) {
      try {
        rates.admit(client)
        taken++
      } catch (refusal) {
        expect(refusal).toMatchObject(error)
      }
    }
    return taken
  }

  test('are as many at once as in a second', () => {
    const rates = create()
    expect(admitted(rates, 'a', 10)).toBe(2)
    clock.advance(499)
    expect(admitted(rates, 'a', 10)).toBe(0)
    clock.advance(1)
    expect(admitted(rates, 'a', 10)).toBe(1)
    clock.advance(10_000)
    expect(admitted(rates, 'a', 10)).toBe(2)
  })

  test('are not taken by others', () => {
    const rates = create()
    expect([admitted(rates, 'a', 10), admitted(rates, 'b', 10)]).toEqual([2, 2])
  })

  test('are more with a weight', () => {
    const rates = create()
    expect(admitted(rates, 'heavy', 10)).toBe(6)
    clock.advance(500)
    expect(admitted(rates, 'heavy', 10)).toBe(3)
  })

  test('are remembered of the ten thousand clients that were here last', () => {
    const rates = create()
    admitted(rates, 'a', 10)
    for (let i = 0; i < 9_999; i++) rates.admit(`other ${i}`)
    expect(admitted(rates, 'a', 10)).toBe(0)
    for (let i = 0; i < 10_000; i++) rates.admit(`another ${i}`)
    expect(admitted(rates, 'a', 10)).toBe(2)
  })
})

describe('at the server', () => {
  const key = 'of-this-deployment-only'
  const clock = new FakeClock()
  const typeDefs = parse('type Query { hello: String }')
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: { Query: { hello: () => 'hi' } } }])
  let server: HttpServer

  beforeAll(async () => {
    const trust = { ...loopbackTrust, envelopeKeys: [key] }
    server = await startServer({ schema, clock, trust, requestsPerSecond: 1 })
  })

  afterAll(() => server.close())

  async function ask(from: string, { headers = {}, body }: { headers?: object; body?: string } = {}) {
    const response = await fetch(
      `${server.url}/graphql?query={hello}`,
      body === undefined
        ? { headers: { ...forwarded(from), ...headers } }
        : { method: 'POST', headers: { ...forwarded(from), ...headers }, body },
    )
    const retryAfter = response.headers.get('retry-after')
    return { status: response.status, retryAfter, body: (await response.json()) as unknown }
  }

  const forwarded = (from: string) => ({
    accept: 'application/json',
    'content-type': 'application/json',
    'x-forwarded-for': from,
  })
  const answered = { status: 200, retryAfter: null, body: { data: { hello: 'hi' } } }
  const refused = { status: 429, retryAfter: '1', body: { errors: [error] } }
  const body = JSON.stringify({ query: '{ hello }' })

  test('what is beyond is refused, whatever it asks for; that of others is answered', async () => {
    expect(await ask('192.0.2.1', { body })).toEqual(answered)
    expect(await ask('192.0.2.1', { body })).toEqual(refused)
    expect(await ask('192.0.2.1', { body: '{' })).toEqual(refused)
    expect(await ask('192.0.2.1')).toEqual(refused)
    expect(await ask('192.0.2.2', { body })).toEqual(answered)
    clock.advance(1_000)
    expect(await ask('192.0.2.1')).toEqual(answered)
  })

  test('the connection serves on after a long body that is not read', async () => {
    expect(await ask('192.0.2.3', { body })).toEqual(answered)
    const long = JSON.stringify({ query: `{ hello } #${'x'.repeat(90_000)}` })
    for (let i = 0; i < 3; i++) expect(await ask('192.0.2.3', { body: long })).toEqual(refused)
    clock.advance(1_000)
    expect(await ask('192.0.2.3', { body: long })).toEqual(answered)
  })

  test('what a gateway of this deployment passes on is not counted again', async () => {
    const envelope = { id: '1', context: {}, roles: [], origin: 'gateway', address: '192.0.2.4' }
    const signed = () => signEnvelope({ ...envelope, issuedAt: Date.now(), timeoutMs: 60_000 }, key)
    for (let i = 0; i < 3; i++)
      expect(await ask('192.0.2.4', { headers: { [envelopeHeader]: signed() }, body })).toEqual(answered)
  })
})
