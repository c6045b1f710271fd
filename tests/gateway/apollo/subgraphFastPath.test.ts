import { buildSubgraphSchema } from '@apollo/subgraph'
import { GraphQLError, parse } from 'graphql'
import type { HttpSettings } from '../../../gateway/server/httpServer'
import { PresageError } from '../../../lib/errors'
import type { SubgraphContext } from '../../../serving/inputs/subgraphContext'
import { type Asked, contentOf, passesOf, Servers } from '../servers'

/** What resolvers do from now on; operations are made known while all is well. */
let isFailing = false
const failing = <T>(error: () => Error, otherwise: T): T => {
  if (isFailing) throw error()
  return otherwise
}
/** As Apollo Server reads it. */
const http = (status: number) => ({ status, headers: new Map([['x-from', `status ${status}`]]) }) as never

const schema = buildSubgraphSchema([
  {
    typeDefs: parse(`
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
    enum Size { SMALL BIG }
    input Wish { size: Size = SMALL count: Int }
    type Title @key(fields: "id") { id: ID! name: String! size: Size who: String }
    type Member @key(fields: "id") { id: ID! titles(first: Int = 2): [Title!]! }
    type Query {
      wishes(wish: Wish!, sizes: [Size!]): String
      coded: String secret: String status(of: Int!): String must: String!
      caller: String
    }
    type Mutation { change(to: Int!): Int }`),
    resolvers: {
      Size: { SMALL: 1, BIG: 2 },
      Title: {
        __resolveReference: async ({ id }: { id: string }) =>
          id === 'gone'
            ? null
            : failing(() => new Error('password is 1234'), { id, name: `title ${id}`, size: 2 }),
        who: (_: unknown, __: unknown, { request }: SubgraphContext) => request.id,
      },
      Member: {
        titles: (_: unknown, { first }: { first: number }) =>
          Array.from({ length: first }, (_, id) => ({ id, name: `title ${id}`, size: 1 })),
      },
      Query: {
        wishes: (_: unknown, args: object) => JSON.stringify(args),
        coded: () => failing(() => new PresageError('OVERLOADED', 'queue full', { shard: 'main' }), 'ok'),
        secret: () => failing(() => new Error('password is 1234'), 'hidden'),
        status: (_: unknown, { of }: { of: number }) =>
          failing(() => new GraphQLError('no', { extensions: { code: 'MINE', http: http(of) } }), 'yes'),
        must: () => failing(() => new GraphQLError('nothing'), 'something'),
        caller: (_: unknown, __: unknown, { request }: SubgraphContext) => request.id,
      },
      Mutation: { change: (_: unknown, { to }: { to: number }) => to },
    } as never,
  },
])

const servers = new Servers()

beforeEach(() => servers.watch())
afterEach(() => {
  isFailing = false
  return servers.close()
})

/** Asks a server that has Apollo Server's answer to the same behind it, and one that knows nothing. */
async function both(asked: Asked, options?: Partial<HttpSettings>) {
  const [cold, warm] = [
    await servers.open({ schema, ...options }),
    await servers.open({ schema, ...options }),
  ]
  const wasFailing = isFailing
  isFailing = false
  await warm.ask(asked)
  isFailing = wasFailing
  return { cold: await cold.ask(asked), warm: await warm.ask(asked) }
}

/** With Apollo Server the first time and without it the second, as either type of answer, which begins with `opening`. */
async function expectSame(body: object, opening: string): Promise<void> {
  for (const accept of ['application/json', 'application/graphql-response+json']) {
    const { cold, warm } = await both({ body, headers: { accept } })
    expect(contentOf(warm)).toEqual(contentOf(cold))
    expect([passesOf(cold), passesOf(warm), warm.text.startsWith(opening)]).toEqual([1, 0, true])
  }
}

const entities = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  __typename ... on Title { id name size who } ... on Member { titles(first: 1) { name } } } }`
const title = (id: string) => ({ __typename: 'Title', id })

describe('a query of a subgraph that was served once is served without Apollo Server, and the answer is the same', () => {
  test.each<[string, object]>([
    [
      'entities',
      {
        query: entities,
        variables: { representations: [title('1'), { __typename: 'Member', id: '7' }, title('gone')] },
      },
    ],
    ['no entities', { query: entities, variables: { representations: [] } }],
    ['the schema as the gateway composes it', { query: '{ _service { sdl } }' }],
    ['what resolvers read of the request', { query: '{ caller }' }],
    [
      'enums and input objects in variables',
      {
        query: 'query Q($w: Wish!, $s: [Size!]) { wishes(wish: $w, sizes: $s) }',
        operationName: 'Q',
        variables: { w: { count: 3 }, s: 'BIG' },
      },
    ],
    ['the same written out', { query: '{ wishes(wish: { size: BIG }, sizes: [SMALL, BIG]) }' }],
  ])('%s', async (_, body) => {
    await expectSame(body, '{"data":{')
  })

  test.each<[string, object]>([
    ['a coded error', { query: '{ coded caller }' }],
    ['an error whose cause nobody is told', { query: '{ secret }' }],
    ['entities that fail', { query: entities, variables: { representations: [title('1'), title('2')] } }],
    ['null for all', { query: '{ caller must }' }],
    ['an error that sets status and headers', { query: '{ caller status(of: 418) }' }],
    ['several that do, and one that sets 400', { query: '{ a: status(of: 503) status(of: 400) coded }' }],
  ])('%s', async (_, body) => {
    isFailing = true
    await expectSame(body, '{"errors":[{')
  })
})

test.each<[string, object]>([
  ['a mutation', { query: 'mutation { change(to: 3) }' }],
  ['a question about the schema', { query: '{ __schema { queryType { name } } }' }],
  ['a document of two operations', { query: 'query A { caller } query B { coded }', operationName: 'A' }],
  ['enums with their defaults', { query: 'query ($s: Size = BIG) { wishes(wish: {}, sizes: [$s]) }' }],
])('%s is served without Apollo Server as well', async (_, body) => {
  await expectSame(body, '{"data":{')
})

test('entities of a type that is none are refused without Apollo Server as well', async () => {
  const variables = { representations: [{ __typename: 5 }] }
  await expectSame({ query: entities, variables }, '{"errors":[{')
})

test('Apollo Server goes on serving variables that do not fit', async () => {
  const body = { query: 'query ($w: Wish!) { wishes(wish: $w) }', variables: { w: 1 } }
  const { cold, warm } = await both({ body })
  expect(contentOf(warm)).toEqual(contentOf(cold))
  expect([passesOf(cold), passesOf(warm)]).toEqual([1, 1])
})
