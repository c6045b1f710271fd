import { serverAudits } from 'graphql-http'
import { type HttpServer, startHttpServer } from '../../gateway/httpServer'
import { federate } from './federate'

let server: HttpServer

beforeAll(async () => {
  const { gateway } = federate({
    a: { typeDefs: 'type Query { hello: String } type Mutation { change: Int }' },
  })
  server = await startHttpServer({
    gateway,
    host: '127.0.0.1',
    port: 0,
    context: new Map(),
    defaultTimeoutMs: 5000,
    maxBodyBytes: 100_000,
    metricsText: async () => '',
    readiness: () => ({ ready: true, reasons: [] }),
    introspection: true,
  })
})

afterAll(() => server.close())

/** The suite knows nothing of protection against forged requests, which stays on: it asks as a client that has been told. */
const fetchFn: typeof fetch = (input, init) => {
  return fetch(input, { ...init, headers: { ...init?.headers, 'apollo-require-preflight': '1' } })
}

const audits = serverAudits({ url: () => `${server.url}/graphql`, fetchFn })

it('has all audits of the suite', () => {
  expect(audits).toHaveLength(61)
})

it.each(audits.map((audit) => [audit.name, audit] as const))('%s', async (_, audit) => {
  const result = await audit.fn()
  const reason = 'reason' in result ? result.reason : undefined
  expect([result.status, reason]).toEqual(['ok', undefined])
})
