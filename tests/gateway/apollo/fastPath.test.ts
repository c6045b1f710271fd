import { createHash } from 'node:crypto'
import { GraphQLError, GraphQLScalarType } from 'graphql'
import type { HttpSettings } from '../../../gateway/server/httpServer'
import { PresageError } from '../../../lib/errors'
import { createTextLog } from '../../../lib/log'
import { federate } from '../federate'
import { type Asked, contentOf, passesOf, Servers, type TestServer } from '../servers'
import { startServer } from '../startServer'

/** What resolvers do from now on; operations are made known while all is well. */
let isFailing = false
const failing = <T>(error: () => Error, otherwise: T) => {
  if (isFailing) throw error()
  return otherwise
}

const odd = {
  text: 'quote " backslash \\ line\n null \u0000 é 漢字 😀 lone \ud800 and \udc00 \u2028',
  numbers: [0, -0, 1.5e-10, 1e21, Number.NaN, Number.POSITIVE_INFINITY],
  when: new Date(0),
  nothing: undefined,
  nested: { toJSON: () => ['as', 'JSON'] },
  call: () => 1,
}

const { gateway } = federate(
  {
    a: {
      typeDefs: `
        scalar JSON
        enum Size { SMALL BIG @inaccessible }
        interface Pet { name: String! }
        type Dog implements Pet { name: String! size: Size owner: Owner }
        type Cat implements Pet { name: String! lives: Int! }
        type Owner { name: String! pets: [Pet!]! }
        type Query {
          hello(name: String, count: Int = 1, big: Float, id: ID, sure: Boolean): String
          many(ids: [ID!]!): [ID!]
          pets: [Pet] strictPets: [Pet!]! owner: Owner
          any: JSON need: JSON! items: [JSON]
          secret: String refused: String coded: String huge: JSON
        }
        type Mutation { change(to: Int!): Int }`,
      resolvers: {
        JSON: new GraphQLScalarType({ name: 'JSON' }),
        Query: {
          hello: (_: unknown, args: object) => JSON.stringify(args),
          many: (_: unknown, { ids }: { ids: string[] }) => ids,
          pets: () => [
            { __typename: 'Dog', name: 'Rex "the dog"', size: 'BIG' },
            null,
            { __typename: 'Cat', name: 'Tom', lives: 9 },
          ],
          strictPets: () => [
            { __typename: 'Cat', name: 'Tom', lives: failing(() => new Error('no lives'), 7) },
          ],
          owner: () => ({ name: 'Ann', pets: [{ __typename: 'Cat', name: null, lives: 1 }] }),
          any: () => odd,
          need: () => odd.text,
          items: () => [odd.when, odd.nested, odd.numbers, odd.text, null, true, 12345678901234],
          secret: () => failing(() => new Error('password is 1234'), 'hidden'),
          refused: () =>
            failing(
              () => new GraphQLError('no', { extensions: { code: 'MINE', http: { status: 418 } } }),
              'yes',
            ),
          coded: () => failing(() => new PresageError('OVERLOADED', 'queue full', { shard: 'main' }), 'ok'),
          huge: () => (isFailing ? 1n : 1),
        },
        Mutation: { change: (_: unknown, { to }: { to: number }) => to },
      },
    },
  },
  { limits: { listLength: 3 } },
)

const servers = new Servers()

beforeEach(() => servers.watch())
afterEach(() => {
  isFailing = false
  return servers.close()
})

const open = (options: Partial<HttpSettings> = {}): Promise<TestServer> =>
  servers.open({ gateway, ...options })

/** Asks a server that has Apollo Server's answer to `first` behind it, and one that knows nothing. */
async function both(asked: Asked, first: Asked = asked, options?: Partial<HttpSettings>) {
  const [cold, warm] = [await open(options), await open(options)]
  const wasFailing = isFailing
  isFailing = false
  await warm.ask({ ...first, headers: asked.headers })
  isFailing = wasFailing
  return { cold: await cold.ask(asked), warm: await warm.ask(asked) }
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
const persisted = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: hashOf(text) } })
const hello = 'query Hello($name: String) { hello(name: $name) }'
const scalars =
  'query Q($n: String, $c: Int = 7, $b: Float, $i: ID, $s: Boolean) { hello(name: $n, count: $c, big: $b, id: $i, sure: $s) }'

describe('an operation that was served once is served without Apollo Server, and the answer is the same', () => {
  test.each<[string, Asked]>([
    ['a query without a name', { body: { query: '{ hello }' } }],
    ['with a name', { body: { query: hello, operationName: 'Hello', variables: { name: 'Ann' } } }],
    [
      'with nulls for what is absent',
      { body: { query: hello, operationName: null, variables: null, extensions: null } },
    ],
    ['with keys of the body that mean nothing', { body: { query: hello, other: 1 } }],
    ['one of several operations', { body: { query: `${hello} query B { b: hello }`, operationName: 'B' } }],
    [
      'aliases and fragments',
      {
        body: {
          query:
            '{ p: pets { ...P n: name } } fragment P on Pet { __typename t: __typename ... on Cat { lives } }',
        },
      },
    ],
    [
      'conditions',
      {
        body: {
          query:
            'query ($yes: Boolean!) { a: hello @skip(if: $yes) b: hello @include(if: $yes) owner @skip(if: $yes) { name } }',
          variables: { yes: true },
        },
      },
    ],
    ['nothing at all but what is skipped', { body: { query: '{ hello @skip(if: true) }' } }],
    ['a hidden enum value', { body: { query: '{ pets { ... on Dog { size owner { name } } } }' } }],
    [
      'a null that goes up, with an error of the gateway or the subgraph',
      { body: { query: '{ owner { name pets { name } } }' } },
    ],
    [
      'custom scalars and odd text',
      { body: { query: '{ any need items constructor: need toString: hello }' } },
    ],
    ['a mutation', { body: { query: 'mutation ($to: Int!) { change(to: $to) }', variables: { to: 3 } } }],
    [
      'introspection',
      {
        body: {
          query: '{ __schema { types { name fields { name } } } hello t: __type(name: "Dog") { name } }',
        },
      },
    ],
    ['__typename', { body: { query: '{ __typename }' } }],
    [
      'variables of all scalars',
      { body: { query: scalars, variables: { n: 'é', c: -0, b: 1e-7, i: 'x', s: false } } },
    ],
    ['variables that graphql-js coerces', { body: { query: scalars, variables: { i: 5 } } }],
    ['nulls and unknown variables', { body: { query: scalars, variables: { n: null, c: null, other: 1 } } }],
    [
      'lists in variables',
      { body: { query: 'query ($ids: [ID!]!) { many(ids: $ids) }', variables: { ids: [1, 'b'] } } },
    ],
    [
      'as application/graphql-response+json',
      { body: { query: '{ hello }' }, headers: { accept: 'application/graphql-response+json' } },
    ],
    ['for any type', { body: { query: '{ hello }' }, headers: { accept: '*/*' } }],
    [
      'by weight',
      {
        body: { query: '{ hello }' },
        headers: { accept: 'text/html, application/json;q=0.5, application/graphql-response+json;q=0.9' },
      },
    ],
    [
      'for a page of another origin',
      { body: { query: '{ hello }' }, headers: { origin: 'https://a.example' } },
    ],
  ])('%s', async (_, asked) => {
    const { cold, warm } = await both(asked)
    expect(contentOf(warm)).toEqual(contentOf(cold))
    expect([passesOf(cold), passesOf(warm)]).toEqual([1, 0])
    expect(warm.text).toContain('"data":')
  })

  test.each<[string, string, number]>([
    ['a coded error', '{ coded hello }', 200],
    ['an error whose cause clients are not told', '{ secret }', 200],
    ["a resolver's own error, with a status that nobody asked for", 'query Q { refused a: hello }', 200],
    ['one that makes all of the answer null', '{ strictPets { name ... on Cat { lives } } }', 200],
    ['several of them', '{ coded a: coded b: secret refused }', 200],
  ])('%s', async (_, query, status) => {
    isFailing = true
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const { cold, warm } = await both({ body: { query }, headers: { accept } })
      expect(contentOf(warm)).toEqual(contentOf(cold))
      expect([passesOf(cold), passesOf(warm)]).toEqual([1, 0])
      expect([warm.status, warm.text.startsWith('{"errors":[')]).toEqual([status, true])
    }
  })

  test('what has a trusted document behind its id', async () => {
    const trustedDocuments = { byId: new Map([[hashOf(hello), hello]]), only: true }
    for (const body of [
      { documentId: `sha256:${hashOf(hello)}` },
      { extensions: persisted(hello) },
      { query: hello },
    ]) {
      const { cold, warm } = await both({ body }, { body: { query: hello } }, { trustedDocuments })
      expect(contentOf(warm)).toEqual(contentOf(cold))
      expect([passesOf(cold), passesOf(warm)]).toEqual([1, 0])
    }
    const { warm } = await both(
      { body: { query: '{ hello }' } },
      { body: { query: hello } },
      { trustedDocuments },
    )
    expect([warm.status, passesOf(warm)]).toEqual([403, 0])
  })
})

test('a persisted query is known by its hash, once its text has come with it, and by its text', async () => {
  const server = await open()
  const plain = await server.ask({ body: { query: hello, variables: { name: 'Ann' } } })
  const variables = { name: 'Ann' }
  const ask = async (body: object) => {
    const answer = await server.ask({ body: { ...body, variables } })
    return [answer.passes, answer.text === plain.text]
  }
  expect(await ask({ extensions: persisted(hello) })).toEqual([1, false])
  expect(await ask({ query: hello, extensions: persisted(hello) })).toEqual([1, true])
  expect(await ask({ extensions: persisted(hello) })).toEqual([0, true])
  expect(await ask({ query: null, operationName: 'Hello', extensions: persisted(hello) })).toEqual([1, true])
  expect(await ask({ query: null, operationName: 'Hello', extensions: persisted(hello) })).toEqual([0, true])
  expect(await ask({ query: hello })).toEqual([0, true])
  expect(await ask({ query: hashOf(hello) })).toEqual([1, false])
  const { persistedQuery } = persisted(hello)
  expect(await ask({ extensions: { persistedQuery: { ...persistedQuery, version: 2 } } })).toEqual([1, false])
  expect(await ask({ extensions: { persistedQuery, other: 1 } })).toEqual([1, true])
})

describe('Apollo Server serves what is not as usual, though its operation is known', () => {
  const known: Asked = { body: { query: scalars } }
  test.each<[string, Asked, number]>([
    ['a variable of another type', { body: { query: scalars, variables: { c: 'x' } } }, 200],
    ['several of them', { body: { query: scalars, variables: { c: 2 ** 31, b: '1', s: 1, n: [] } } }, 200],
    ['another operation name', { body: { query: scalars, operationName: 'R' } }, 200],
    ['an empty operation name', { body: { query: scalars, operationName: '' } }, 200],
    ['extensions', { body: { query: scalars, extensions: { any: 1 } } }, 200],
    ['a persisted query', { body: { query: scalars, extensions: persisted(scalars) } }, 200],
    ['one under the hash of another', { body: { query: scalars, extensions: persisted(hello) } }, 400],
    ['a hash that is not known', { body: { extensions: persisted(hello) } }, 200],
    ['a list', { body: [{ query: scalars }, { query: scalars }] }, 200],
    ['a list of one', { body: [{ query: scalars }] }, 200],
    ['an empty text', { body: { query: '' } }, 400],
    ['another operation', { body: { query: scalars.replace('hello', 'x: hello') } }, 200],
    [
      'a very long accept header',
      { body: { query: scalars }, headers: { accept: `application/json, ${'x'.repeat(1_000)}/y` } },
      200,
    ],
  ])('%s', async (_, asked, status) => {
    const { cold, warm } = await both(asked, known)
    expect(contentOf(warm)).toEqual(contentOf(cold))
    expect([passesOf(cold), passesOf(warm), warm.status]).toEqual([1, 1, status])
  })

  test('an accept header that takes no answer of GraphQL, or that came for the first time', async () => {
    const server = await open()
    const body = { query: '{ hello }' }
    const ask = async (accept: string) => {
      const { status, headers, passes } = await server.ask({ body, headers: { accept } })
      return [status, headers['content-type'], passes]
    }
    const json = 'application/json; charset=utf-8'
    expect(await ask('application/json')).toEqual([200, json, 1])
    expect(await ask('application/json')).toEqual([200, json, 0])
    expect(await ask('text/html')).toEqual([406, json, 0])
    expect(await ask('application/*')).toEqual([200, json, 1])
    expect(await ask('application/*')).toEqual([200, json, 0])
  })

  test('a list in the variables that is too long', async () => {
    const query = 'query ($ids: [ID!]!) { many(ids: $ids) }'
    for (const [accept, status] of [
      ['application/json', 200],
      ['application/graphql-response+json', 400],
    ] as const) {
      const asked = { body: { query, variables: { ids: ['1', '2', '3', '4'] } }, headers: { accept } }
      const { cold, warm } = await both(asked, { body: { query, variables: { ids: [] } } })
      expect(contentOf(warm)).toEqual(contentOf(cold))
      expect([passesOf(warm), warm.status]).toEqual([1, status])
      expect(warm.text).toContain('LIST_TOO_LONG')
    }
  })

  test.each(['{ hello', '{ nothing }', '{ hello @defer }', 'subscription { hello }', ''])(
    'what was refused stays refused: %s',
    async (query) => {
      const { cold, warm } = await both({ body: { query } })
      expect(contentOf(warm)).toEqual(contentOf(cold))
      expect(passesOf(warm)).toBe(1)
    },
  )

  test('a question about the schema, where another server answers such', async () => {
    const body = { query: '{ __schema { queryType { name } } }' }
    const { warm } = await both({ body })
    expect(passesOf(warm)).toBe(0)
    const closed = await both({ body }, { body }, { introspection: false })
    expect(closed.warm.text).toContain('INTROSPECTION_DISABLED')
    expect(passesOf(closed.warm)).toBe(1)
  })
})

test('what goes wrong with the answer itself is an internal error, and written down', async () => {
  isFailing = true
  const { cold, warm } = await both({ body: { query: '{ huge }' } })
  expect(contentOf(warm)).toEqual(contentOf(cold))
  expect([passesOf(warm), warm.status, warm.text]).toEqual([
    0,
    500,
    '{"errors":[{"message":"Internal error","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}\n',
  ])
  expect(warm.log[0]).toContain('BigInt')
})

test('a plugin that looks at single requests sees all of them, and the log says what that costs', async () => {
  const lines: string[] = []
  const log = createTextLog('warn', 'server', (text) => lines.push(text))
  let seen = 0
  const plugins = [
    { async serverWillStart() {} },
    {
      async requestDidStart() {
        seen++
      },
    },
  ]
  const testServer = await open({ plugins: [plugins[0]] })
  for (const passes of [1, 0])
    expect(passesOf(await testServer.ask({ body: { query: '{ hello }' } }))).toBe(passes)
  const server = await startServer({ gateway, log, plugins })
  for (let i = 0; i < 3; i++) {
    await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ hello }"}',
    })
  }
  await server.close()
  expect(seen).toBe(3)
  expect(lines).toEqual([
    'server: all operations pass through Apollo Server, for plugins.1 sees each request\n',
  ])
})

test('an operation is served without Apollo Server once it was compiled for the values of its conditions', async () => {
  const server = await open()
  const query = 'query ($yes: Boolean!, $name: String) { hello(name: $name) @include(if: $yes) coded }'
  const passes: number[] = []
  for (const [yes, name] of [
    [true, 'Ann'],
    [true, 'Bob'],
    [false, 'Ann'],
    [false, 'Cy'],
    [true, 'Cy'],
  ]) {
    const answer = await server.ask({ body: { query, variables: { yes, name } } })
    expect(JSON.parse(answer.text)).toEqual({
      data: { ...(yes && { hello: expect.stringContaining(`"${name}"`) }), coded: 'ok' },
    })
    passes.push(answer.passes)
  }
  expect(passes).toEqual([1, 0, 1, 0, 0])
})

describe('a text that differs from others in its literals and layout only', () => {
  const text = (name: string, lines = '') =>
    `query Q { ${lines}hello(name: ${JSON.stringify(name)}) coded many(ids: [1, "b"]) }`

  /** The last of them, asked of a server that has seen the others, and of one that has seen nothing. */
  async function both(bodies: readonly object[], options?: Partial<HttpSettings>) {
    const [cold, warm] = [await open(options), await open(options)]
    const last = bodies.at(-1)!
    for (const body of bodies.slice(0, -1)) await warm.ask({ body })
    return { cold: await cold.ask({ body: last }), warm: await warm.ask({ body: last }) }
  }

  test('is served without Apollo Server once one of them was, and the answer is the same', async () => {
    for (const failing of [false, true]) {
      isFailing = failing
      const asked = (name: string, lines?: string) => ({ query: text(name, lines) })
      const { cold, warm } = await both([asked('Ann'), asked('Cy "the cat"', '\n\n')])
      expect(contentOf(warm)).toEqual(contentOf(cold))
      expect([passesOf(cold), passesOf(warm)]).toEqual([1, 0])
      expect(warm.text).toContain(failing ? '"line":3' : 'Cy')
    }
  })

  test.each<[string, object]>([
    ['by another operation name', { query: text('Cy'), operationName: 'R' }],
    ['with extensions', { query: text('Cy'), extensions: { any: 1 } }],
    ['with a literal of another type', { query: text('Cy').replace('"Cy"', '5') }],
    ['with a list that is too long', { query: text('Cy').replace('[1, "b"]', '[1, 2, 3, 4]') }],
    ['that does not end', { query: text('Cy').slice(0, -1) }],
    ['with a second operation', { query: `${text('Cy')} query R { hello }`, operationName: 'Q' }],
    ['with another field', { query: text('Cy').replace('coded', 'secret') }],
  ])('is left to Apollo Server where it comes %s', async (_, body) => {
    const { cold, warm } = await both([{ query: text('Ann') }, body])
    expect(contentOf(warm)).toEqual(contentOf(cold))
    expect([passesOf(cold), passesOf(warm)]).toEqual([1, 1])
  })

  test('has no more tokens than others may have', async () => {
    const asked = (ids: string) => ({ query: `{ many(ids: [${ids}]) }` })
    const { cold, warm } = await both([asked('1'), asked('1 2 3')], { maxTokens: 11 })
    expect(contentOf(warm)).toEqual(contentOf(cold))
    expect([passesOf(warm), warm.text.includes('OPERATION_TOO_LARGE')]).toEqual([1, true])
  })

  test('is known as a persisted query like others, with its own literals', async () => {
    const server = await open()
    const answers: string[] = []
    for (const name of ['Ann', 'Bob', 'Cy']) {
      const query = text(name)
      await server.ask({ body: { query, extensions: persisted(query) } })
      const { passes, text: answer } = await server.ask({ body: { extensions: persisted(query) } })
      answers.push(`${passes} ${answer.includes(name)}`)
    }
    expect(answers).toEqual(['0 true', '0 true', '0 true'])
  })

  test('is served by no server but the one that has served another', async () => {
    const query = (name: string) => ({ query: `{ __type(name: "${name}") { name } hello }` })
    const [openHttpServer, closed] = [await open(), await open({ introspection: false })]
    for (const name of ['Dog', 'Cat']) await openHttpServer.ask({ body: query(name) })
    const { text: answer, passes } = await closed.ask({ body: query('Owner') })
    expect([passes, answer.includes('INTROSPECTION_DISABLED')]).toEqual([1, true])
    expect((await openHttpServer.ask({ body: query('Owner') })).passes).toBe(0)
  })
})
