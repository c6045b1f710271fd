import { columnsType } from '../../../gateway/graphql/columnList'
import { createHttpExecutor } from '../../../gateway/remote/httpExecutor'
import { startGraphqlServer } from '../../support/graphqlServer'
import { type Answer, federate } from '../federate'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of cleanUp.splice(0).reverse()) await stop()
})

/**
 * Asks a gateway for titles. Their names come from a subgraph elsewhere, and other titles from one beside it. `entities`
 * and `list` are what those two answer, as they write it.
 */
async function ask(
  text: string,
  answers: { readonly entities?: string; readonly list?: string },
): Promise<Answer> {
  const server = await startGraphqlServer(({ query }, response) => {
    const answer = query.includes('_entities') ? answers.entities : answers.list
    const type = answer?.startsWith('{"key"') ? columnsType : 'application/json'
    response.writeHead(200, { 'content-type': type }).end(answer)
  })
  cleanUp.push(() => server.close())
  const remote = createHttpExecutor({ name: 'b', url: server.url, timeoutMs: 5000 })
  cleanUp.push(() => remote.dispose?.())
  const { query } = federate({
    a: {
      typeDefs: 'type Query { titles: [Title] } type Title @key(fields: "id") { id: ID! }',
      resolvers: { Query: { titles: () => [{ id: '1' }, { id: '2' }] } },
    },
    b: {
      typeDefs: 'type Title @key(fields: "id") { id: ID! name: String year: Int }',
      executor: () => remote,
    },
    c: {
      typeDefs: 'type Query { others: [Title] } type Title @key(fields: "id") { id: ID! }',
      executor: () => remote,
    },
  })
  return query(text)
}

const polluted = () => (({}) as Readonly<Record<string, unknown>>)['polluted']

test('an entity with a member __proto__ changes no other object', async () => {
  const entity = (name: string) => `{"__typename":"Title","name":"${name}","__proto__":{"polluted":1}}`
  const entities = `{"data":{"_entities":[${entity('A')},${entity('B')}]}}`
  const list = '{"data":{"others":[{"__typename":"Title","id":"1"},{"__typename":"Title","id":"2"}]}}'
  try {
    const { data } = await ask('{ others { id name } }', { entities, list })
    expect(polluted()).toBeUndefined()
    const named = [
      { id: '1', name: 'A' },
      { id: '2', name: 'B' },
    ]
    expect(data).toEqual({ others: named })
  } finally {
    Reflect.deleteProperty(Object.prototype, 'polluted')
  }
})

test('a list by columns of hundreds of millions of rows in a few bytes is an error of its field', async () => {
  const list = '{"key":"others","type":"Title","rows":400000000,"constants":{"id":"1"},"columns":[]}'
  const { data, errors } = await ask('{ others { id } titles { id } }', { list })
  expect(data).toEqual({ others: null, titles: [{ id: '1' }, { id: '2' }] })
  expect(errors).toMatchObject([{ path: ['others'], extensions: { code: 'UPSTREAM_FAILED' } }])
})

test.each([
  ['more entities than were asked for', `[{"name":"A"},{"name":"B"},{"name":"C"}]`],
  ['fewer', `[{"name":"A"}]`],
  ['none', 'null'],
  ['an object', '{"0":{"name":"A"}}'],
  ['texts', '["A","B"]'],
  ['lists', '[[{"name":"A"}],[]]'],
  ['entities of another type', '[{"__typename":"Query","name":"A"},{"__typename":7,"name":"B"}]'],
])('%s: the titles are there, with a name or without', async (_, entities) => {
  const { data } = await ask('{ titles { id name } }', { entities: `{"data":{"_entities":${entities}}}` })
  expect(data?.['titles']).toMatchObject([{ id: '1' }, { id: '2' }])
})
