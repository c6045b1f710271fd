import { createHash } from 'node:crypto'
import { parseTrustedDocuments, unfitDocuments } from '../../../gateway/apollo/trustedDocuments'
import type { HttpServer, HttpServerOptions } from '../../../gateway/server/httpServer'
import { LoadError } from '../../../lib/errors'
import type { Answer } from '../../support/example'
import { federate } from '../federate'
import { startServer } from '../startServer'

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
const servers: HttpServer[] = []
const served = federate({
  a: {
    typeDefs: 'type Query { hello(name: String): String }',
    resolvers: { Query: { hello: (_: unknown, { name = 'you' }: { name?: string }) => `hello ${name}` } },
  },
})

afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())))

async function start(trustedDocuments?: HttpServerOptions['trustedDocuments']) {
  const server = await startServer({
    gateway: served.gateway,
    maxOperations: 2,
    trustedDocuments,
  })
  servers.push(server)
  const answerOf = async (response: Response): Promise<[number, Answer]> => [
    response.status,
    (await response.json()) as Answer,
  ]
  return {
    url: `${server.url}/graphql`,
    post: async (body: unknown) =>
      answerOf(
        await fetch(`${server.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      ),
    get: async (parameters: Record<string, string>) =>
      answerOf(
        await fetch(`${server.url}/graphql?${new URLSearchParams(parameters)}`, {
          headers: { 'apollo-require-preflight': '1' },
        }),
      ),
  }
}

const persisted = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: hashOf(text) } })
const refusal = (what: string) => [
  403,
  {
    errors: [{ message: `document: must be a trusted one, got ${what}`, extensions: { code: 'FORBIDDEN' } }],
  },
]

describe('automatic persisted queries', () => {
  const query = '{ hello }'
  const hello = [200, { data: { hello: 'hello you' } }]

  test('a hash that is not known is asked for, and known once its text has come', async () => {
    const { post, get } = await start()
    const [status, body] = await post({ extensions: persisted(query) })
    expect([status, body.errors![0].extensions.code]).toEqual([200, 'PERSISTED_QUERY_NOT_FOUND'])
    expect(await post({ query, extensions: persisted(query) })).toEqual(hello)
    expect(await post({ extensions: persisted(query) })).toEqual(hello)
    expect(await get({ extensions: JSON.stringify(persisted(query)) })).toEqual(hello)
  })

  test('a text under the hash of another is refused, and not kept', async () => {
    const { post } = await start()
    expect((await post({ query: '{ __typename }', extensions: persisted(query) }))[0]).toBe(400)
    const [, body] = await post({ extensions: persisted(query) })
    expect(body.errors![0].extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND')
  })
})

test.each(['extensions', 'extension%73'])(
  'a hash that is no text is refused, in the parameter %s',
  async (name) => {
    const { url } = await start()
    const extensions = encodeURIComponent('{"persistedQuery":{"version":1,"sha256Hash":{"toString":5}}}')
    const response = await fetch(`${url}?${name}=${extensions}`, {
      headers: { 'apollo-require-preflight': '1' },
    })
    expect([response.status, await response.text()]).toEqual([
      400,
      expect.stringContaining('sha256Hash: must be text, got {'),
    ])
  },
)

describe('trusted documents', () => {
  const greet = 'query Greet($name: String) { hello(name: $name) }'
  const manifest = (operations: object[]) =>
    JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations })
  const byId = parseTrustedDocuments(
    manifest([{ id: hashOf(greet), name: 'Greet', type: 'query', body: greet }]),
    'manifest.json',
  )
  const variables = { name: 'Ann' }
  const hello = [200, { data: { hello: 'hello Ann' } }]

  test.each([true, false])('are run by their id, in each way to say it (only: %s)', async (only) => {
    const { post, get } = await start({ byId, only })
    expect(await post({ extensions: persisted(greet), variables })).toEqual(hello)
    expect(await post({ documentId: `sha256:${hashOf(greet)}`, variables })).toEqual(hello)
    expect(await post({ documentId: hashOf(greet), variables })).toEqual(hello)
    const inSearch = { variables: JSON.stringify(variables) }
    expect(await get({ ...inSearch, extensions: JSON.stringify(persisted(greet)) })).toEqual(hello)
    expect(await get({ ...inSearch, documentId: hashOf(greet) })).toEqual(hello)
    expect(
      await post([
        { documentId: hashOf(greet), variables },
        { query: greet, variables },
      ]),
    ).toEqual([200, [hello[1], hello[1]]])
  })

  test('may be listed as GraphQL Code Generator does, by their hash', async () => {
    const listed = parseTrustedDocuments(
      JSON.stringify({ [`sha256:${hashOf(greet)}`]: greet }),
      'documents.json',
    )
    const { post } = await start({ byId: listed, only: true })
    expect(await post({ documentId: `sha256:${hashOf(greet)}`, variables })).toEqual(hello)
    expect(await post({ extensions: persisted(greet), variables })).toEqual(hello)
    const sha256Hash = `sha256:${hashOf(greet)}`
    expect(await post({ extensions: { persistedQuery: { version: 1, sha256Hash } }, variables })).toEqual(
      hello,
    )
    expect(await post({ query: greet, variables })).toEqual(hello)
    expect((await post({ query: '{ hello }' }))[0]).toBe(403)
  })

  test('beside them others are served, unless only they are', async () => {
    const query = '{ hello }'
    const open = await start({ byId, only: false })
    expect(await open.post({ query })).toEqual([200, { data: { hello: 'hello you' } }])
    // An id beside a persisted query or a text is only another name for it.
    expect(await open.post({ query, documentId: 'mine' })).toEqual([200, { data: { hello: 'hello you' } }])

    const { post, get } = await start({ byId, only: true })
    expect(await post({ query: greet, variables })).toEqual(hello)
    expect(await post({ query })).toEqual(refusal('another one; documentId names one'))
    expect(await get({ query })).toEqual(refusal('another one; documentId names one'))
    expect(await post([{ query: greet }, { query }])).toEqual(refusal('another one; documentId names one'))
    expect(await post({ query, extensions: persisted(query) })).toEqual(
      refusal('another one; documentId names one'),
    )
    expect(await post({ query, documentId: hashOf(greet) })).toEqual(
      refusal('another one; documentId names one'),
    )
    expect(await post({ extensions: persisted(query) })).toEqual(refusal(`id "${hashOf(query)}"`))
    expect(await post({ documentId: 'constructor' })).toEqual(refusal('id "constructor"'))
    expect((await post({ variables }))[0]).toBe(400)
  })

  test.each([undefined, { byId, only: false }])('an id of none is told as such: %j', async (documents) => {
    const { post, get } = await start(documents)
    const refused = [
      400,
      {
        errors: [
          {
            message: `documentId: must be of a document in the server's trustedDocuments.file, got "mine"`,
            extensions: { code: 'BAD_REQUEST' },
          },
        ],
      },
    ]
    expect(await post({ documentId: 'mine' })).toEqual(refused)
    expect(await post([{ query: '{ hello }' }, { query: null, documentId: 'mine' }])).toEqual(refused)
    expect(await get({ documentId: 'mine' })).toEqual(refused)
    const [status, body] = await post({ documentId: 'mine', extensions: persisted('{ never: hello }') })
    expect([status, body.errors?.[0].extensions.code]).toEqual([200, 'PERSISTED_QUERY_NOT_FOUND'])
  })

  test('one that the graph would refuse is told by its id', () => {
    const stale = new Map([...byId, ['old', '{ goodbye }']])
    expect(unfitDocuments(stale, served.gateway)).toEqual([
      'trusted document old: does not fit the graph: Cannot query field "goodbye" on type "Query".',
    ])
  })

  test.each([
    ['{', /^m\.json: must be JSON, got /],
    ['{}', /^m\.json: format: must be "apollo-persisted-query-manifest", got nothing$/m],
    [
      manifest([{ id: 'a', body: '{ hello' }]),
      /^m\.json: operations\.0\.body: must be a GraphQL document, got: Syntax Error/,
    ],
    [
      manifest([
        { id: 'a', body: '{ a }' },
        { id: 'a', body: '{ b }' },
      ]),
      /^m\.json: operations\.1\.id: must be of one document only, got "a"$/,
    ],
    ['{ "a": "{ hello" }', /^m\.json: a: must be a GraphQL document, got: Syntax Error/],
    ['{ "a": 1 }', /^m\.json: a: must be text, got 1$/],
    ['{ "a": "{ a }", "sha256:a": "{ b }" }', /^m\.json: sha256:a: must be of one document only, got "a"$/],
  ])('a manifest that is wrong is refused with file and place: %s', (json, problem) => {
    let caught: unknown
    try {
      parseTrustedDocuments(json, 'm.json')
    } catch (error) {
      caught = error
    }
    expect(caught).toBeInstanceOf(LoadError)
    expect((caught as LoadError).problems.join('\n')).toMatch(problem)
  })
})
