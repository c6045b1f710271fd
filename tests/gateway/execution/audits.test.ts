import { serverAudits } from 'graphql-http'
import type { HttpServer } from '../../../gateway/server/httpServer'
import { federate } from '../federate'
import { startServer } from '../startServer'

let server: HttpServer

beforeAll(async () => {
  const { gateway } = federate({
    a: { typeDefs: 'type Query { hello: String } type Mutation { change: Int }' },
  })
  server = await startServer({
    gateway,
  })
})

afterAll(() => server.close())

/** The suite knows nothing of protection against forged requests, which stays on: it asks as a client that has been told. */
const fetchFn: typeof fetch = (input, init) => {
  return fetch(input, { ...init, headers: { ...init?.headers, 'apollo-require-preflight': '1' } })
}

/** The same, asking each question three times: what is answered last is answered past Apollo Server where it can be. */
const warmFetch: typeof fetch = async (input, init) => {
  for (let i = 0; i < 2; i++) await (await fetchFn(input, init)).arrayBuffer()
  return fetchFn(input, init)
}

const audits = serverAudits({ url: () => `${server.url}/graphql`, fetchFn })
const warmAudits = serverAudits({ url: () => `${server.url}/graphql`, fetchFn: warmFetch })

it('has all audits of the suite', () => {
  expect(audits).toHaveLength(61)
})

it.each(
  [...audits, ...warmAudits].map(
    (audit, i) => [i < audits.length ? audit.name : `${audit.name} (again)`, audit] as const,
  ),
)('%s', async (_, audit) => {
  const result = await audit.fn()
  const reason = 'reason' in result ? result.reason : undefined
  expect([result.status, reason]).toEqual(['ok', undefined])
})
