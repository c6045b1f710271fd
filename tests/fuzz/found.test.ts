import { once } from 'node:events'
import { connect } from 'node:net'
import { buildSchema } from 'graphql'
import { parseTrustedDocuments } from '../../gateway/apollo/trustedDocuments'
import { readYaml } from '../../lib/files/parseYaml'
import { atOnce } from '../../lib/scheduling/turns'
import { parseGolden } from '../../models/compile/golden'
import { parseVocabulary } from '../../models/contracts/vocabulary'
import { parseManifest } from '../../models/manifest/parseManifest'
import { parseRuleSet } from '../../routing/parse/parseRuleSet'
import { compilePlan } from '../../schema/compile/compilePlan'
import { startServer } from '../gateway/startServer'
import { manifestText, problemsOf } from '../models/support'
import { catalog, federation, predict, source } from '../schema/fixture'

/** Inputs that the fuzz of this folder once broke something with. */

test('a key of a step that holds a line break, or thousands of letters, stays within the line of its problem', () => {
  const problems = (key: string) =>
    problemsOf(() =>
      parseManifest(
        manifestText(
          `features: { a: { type: Int } }\npreprocess: { x: { ${JSON.stringify(key)}: a } }\npostprocess: { y: { column: y } }`,
        ),
        'model.yaml',
      ),
    )
  expect(problems('\r\n')).toEqual([
    expect.stringMatching(/^model\.yaml:5: preprocess\.x: .*, got { "\\r\\n" }$/),
  ])
  expect(problems('k'.repeat(5000))[0].length).toBeLessThan(500)
})

const body = (arguments_: string) => `
type Title @key(fields: "id") { id: ID! guess(memberId: ID!): Float @predict(${arguments_}) }`

test('a @link without a url is a problem of its file', () => {
  const sdl = `${federation}\n  @link\ntype Query { titles: Int }`
  expect(problemsOf(() => compilePlan([source('films', sdl)], catalog()))).toEqual([
    'subgraphs/films/schema.graphql: Invalid @link directive',
  ])
})

test('an argument of @predict that is a list in a list is a problem with its line', () => {
  const sdl = `${federation}\n${predict}${body('inputs: [[]]')}`
  expect(problemsOf(() => compilePlan([source('films', sdl)], catalog()))).toEqual([
    expect.stringMatching(
      /^subgraphs\/films\/schema\.graphql:3:\d+: Argument "inputs" has invalid value \[\[\]\]\.$/,
    ),
  ])
})

const line = /^[^\r\n]{1,500}$/

test.each<[what: string, read: (text: string) => unknown, text: string, problem: string]>([
  ['a vocabulary', (text) => atOnce(parseVocabulary(text, 'f')), '&a\r\nb', 'must be JSON'],
  ['golden cases', (text) => parseGolden(text, 'f'), '{"a":\r\n b}', 'must be JSON'],
  ['trusted documents', (text) => parseTrustedDocuments(text, 'f'), '\r\nformat', 'must be JSON'],
  ['YAML', (text) => readYaml(text, 'f'), '%YAML 9.9x\ry', 'must be YAML'],
  ['YAML of one long word', (text) => readYaml(text, 'f'), `- >${'x'.repeat(20_000)}`, 'must be YAML'],
  [
    'rules',
    (text) => parseRuleSet(text, 'f'),
    '{"objectives": {"A": {"default": {"experiment": "x"}}}, "experiments": {"\\r\\n": {}}}',
    'must be an experiment',
  ],
])(
  '%s with line breaks or a long text where it is wrong stays within short lines',
  (_, read, text, problem) => {
    const problems = problemsOf(() => read(text))
    expect(problems).toContainEqual(expect.stringContaining(problem))
    for (const one of problems) expect(one).toMatch(line)
  },
)

describe('a server', () => {
  let release = () => {}
  let begun = () => {}
  const schema = buildSchema('type Query { hello: String slow: String }')
  const { slow } = schema.getQueryType()!.getFields()
  slow.resolve = () => {
    begun()
    return new Promise((resolve) => {
      release = () => resolve('done')
    })
  }
  const start = () => startServer({ schema, closeGraceMs: 200 })

  test('a client that sends requests behind each other and leaves before the first is answered keeps no server from ending', async () => {
    const server = await start()
    const first = new Promise<void>((resolve) => {
      begun = resolve
    })
    const socket = connect(server.port, '127.0.0.1')
    socket.write(
      [post('{ slow }'), post('{ hello }'), 'GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n'].join(''),
    )
    await first
    socket.destroy()
    await once(socket, 'close')
    release()
    await server.close()
  })

  test('a path that nothing is at is refused with a code and in few words, however long it is', async () => {
    const server = await start()
    const answer = await fetch(`${server.url}/${'x'.repeat(5000)}`)
    const text = await answer.text()
    await server.close()
    expect(answer.status).toBe(404)
    expect(JSON.parse(text).errors[0].extensions).toEqual({ code: 'BAD_REQUEST' })
    expect(text.length).toBeLessThan(400)
  })

  test('a persisted query of another version, or with the hash of another text, is a bad request and no fault of the server', async () => {
    const server = await start()
    for (const persistedQuery of [
      { version: 2, sha256Hash: 'a' },
      { version: 1, sha256Hash: 'a' },
      { version: 1, sha256Hash: { toString: 1 } },
    ]) {
      const answer = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          query: typeof persistedQuery.sha256Hash === 'string' ? '{ hello }' : undefined,
          extensions: { persistedQuery },
        }),
      })
      const { errors } = (await answer.json()) as { errors: object[] }
      expect([answer.status, errors]).toEqual([
        400,
        [expect.objectContaining({ extensions: { code: 'BAD_REQUEST' } })],
      ])
    }
    await server.close()
  })
})

test('null by a variable with a default is bad input where an argument or a condition takes none', async () => {
  const schema = buildSchema(
    'type Query { echo(text: String!): String nested(in: In): String } input In { a: Int! }',
  )
  const server = await startServer({ schema })
  for (const [query, message] of [
    [
      'query ($v: String = "a") { echo(text: $v) }',
      'Argument "text" of non-null type "String!" must not be null',
    ],
    ['query ($v: Int = 1) { nested(in: { a: $v }) }', 'Argument "in" has invalid value'],
    [
      'query ($v: Boolean = true) { echo(text: "a") @skip(if: $v) }',
      'Argument "if" of non-null type "Boolean!" must not be null',
    ],
  ]) {
    const answer = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { v: null } }),
    })
    const { errors } = (await answer.json()) as { errors: object[] }
    expect(errors).toEqual([
      expect.objectContaining({
        message: expect.stringContaining(message),
        extensions: { code: 'BAD_USER_INPUT' },
      }),
    ])
  }
  await server.close()
})

function post(query: string): string {
  const body = JSON.stringify({ query })
  const head = `content-type: application/json\r\ncontent-length: ${body.length}`
  return `POST /graphql HTTP/1.1\r\nhost: x\r\n${head}\r\n\r\n${body}`
}
