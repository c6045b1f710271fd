import fc from 'fast-check'
import { buildSchema, parse, specifiedRules, validate } from 'graphql'
import { validateInParts } from '../../../gateway/apollo/validateInParts'
import { loopTurn } from '../../../lib/scheduling/loopTurn'
import { documents, sdl } from '../documents'
import { federate } from '../federate'
import { Servers } from '../servers'
import { startServer } from '../startServer'

const limits = { fields: 325, rootFields: 400, directives: 3, listLength: 4 }
const graph = () => federate({ a: { typeDefs: sdl } }, { limits }).gateway

/** So long that documents are validated in parts. */
const fields = (count: number) => Array.from({ length: count }, (_, at) => `a${at}: __typename`).join(' ')
const padding = fields(300)
const lengthen = (text: string) => text.replace('{', `{ ${padding}`)

const servers = new Servers()
beforeEach(() => servers.watch())
afterEach(() => servers.close())

test('a long document that is invalid is refused with the errors of graphql-js and of the limits', async () => {
  const gateway = graph()
  const server = await servers.open({ gateway })
  const rules = [...specifiedRules, ...gateway.validationRules]
  const refused = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(documents.map(lengthen), async (query) => {
      const expected = validate(gateway.apiSchema, parse(query), rules)
      const { text } = await server.ask({ body: { query, operationName: 'Q' } })
      const { errors = [] } = JSON.parse(text)
      if (expected.length === 0) {
        // It may lack a variable, or the name.
        expect(JSON.stringify(errors)).not.toContain('GRAPHQL_VALIDATION_FAILED')
        return
      }
      expect(errors).toEqual(
        expected.map(({ message, locations, extensions }) => ({
          message,
          locations,
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED', ...extensions },
        })),
      )
      for (const { extensions } of errors)
        refused.set(extensions.code, (refused.get(extensions.code) ?? 0) + 1)
    }),
    { seed: 8, numRuns: 50 },
  )
  for (const code of ['GRAPHQL_VALIDATION_FAILED', 'OPERATION_TOO_LARGE', 'NOT_SUPPORTED'])
    expect(refused.get(code)).toBeGreaterThan(3)
})

test.each([
  [
    'more errors than are told',
    `{ ${fields(300)} ${Array.from({ length: 150 }, (_, at) => `no${at}`).join(' ')} }`,
  ],
  ['fields that take long to compare', `{ ${'n '.repeat(2_000)} }`],
  [
    'fragments that take long to compare',
    `{ pets { ${Array.from({ length: 800 }, (_, at) => `...f${at}`).join(' ')} } } ${Array.from({ length: 800 }, (_, at) => `fragment f${at} on Pet { name }`).join(' ')}`,
  ],
])('a long document with %s gets the errors of graphql-js', async (_, query) => {
  const gateway = graph()
  const server = await servers.open({ gateway })
  const rules = [...specifiedRules, ...gateway.validationRules]
  const expected = validate(gateway.apiSchema, parse(query), rules)
  expect(expected.length).toBeGreaterThan(0)
  const accept = 'application/graphql-response+json'
  const { status, text } = await server.ask({ body: { query }, headers: { accept } })
  expect(status).toBe(400)
  const { errors } = JSON.parse(text) as { errors: readonly { message: string; locations?: unknown }[] }
  expect(errors.map(({ message, locations }) => [message, locations])).toEqual(
    expected.map(({ message, locations }) => [message, locations]),
  )
})

test.each([100, 2_000])('a document of more comments than its %i tokens is too large', async (maximum) => {
  const server = await servers.open({ gateway: graph(), maxTokens: maximum })
  const comments = (count: number) => ({ body: { query: `${'#\n'.repeat(count)}{ n }` } })
  expect(JSON.parse((await server.ask(comments(maximum))).text)).toEqual({ data: { n: null } })
  const { text } = await server.ask(comments(maximum + 1))
  const message = `operation: its document may have at most ${maximum} tokens, got more`
  expect(JSON.parse(text)).toEqual({
    errors: [{ message, extensions: { code: 'OPERATION_TOO_LARGE', limit: 'tokens', maximum } }],
  })
})

test('an error of a long document names a hundred places of it at most', async () => {
  const server = await servers.open({ gateway: graph() })
  const spread = (at: number) => `fragment f${at} on Query { ...f${(at + 1) % 300} }`
  const query = `{ ...f0 } ${Array.from({ length: 300 }, (_, at) => spread(at)).join(' ')}`
  const { text } = await server.ask({ body: { query } })
  const { errors } = JSON.parse(text) as { errors: readonly { locations: readonly unknown[] }[] }
  expect(errors[0].locations).toHaveLength(100)
})

test('Apollo Server parses long documents only to report that they do not parse', async () => {
  const steps: string[] = []
  const server = await startServer({
    gateway: graph(),
    // With this plugin all requests pass through Apollo Server.
    plugins: [
      {
        requestDidStart: async () => ({
          async parsingDidStart({ source }) {
            steps.push(`parse ${source.replace(padding, '…')}`)
          },
          async validationDidStart({ source }) {
            steps.push(`validate ${source.replace(padding, '…')}`)
          },
        }),
      },
    ],
  })
  const ask = async (query: string) => {
    const body = JSON.stringify({ query })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body })
    const { data } = (await response.json()) as { data?: unknown }
    return data !== undefined
  }
  expect(await ask(`{ ${padding} n }`)).toBe(true)
  expect(await ask(`{ ${padding} n }`)).toBe(true)
  expect(await ask('{ m: n }')).toBe(true)
  expect(await ask('{ m: n }')).toBe(true)
  expect(steps).toEqual(['parse { m: n }', 'validate { m: n }'])
  expect(await ask(`{ ${padding} no }`)).toBe(false)
  expect(await ask(`{ ${padding} n(`)).toBe(false)
  expect(steps.slice(2)).toEqual(['parse { … n('])
  await server.close()
})

test('errors of variables stand where the client wrote these', async () => {
  const server = await servers.open({ gateway: graph() })
  const locationsOf = async (query: string) => {
    const { text } = await server.ask({ body: { query, variables: { first: 'text' } } })
    return JSON.parse(text).errors.map(({ locations }: { locations: unknown }) => locations)
  }
  const selections = `{ ${padding} pets(first: $first) { name } }`
  expect(await locationsOf(`query ($first: Int!) ${selections}`)).toEqual([[{ line: 1, column: 8 }]])
  expect(await locationsOf(`query\n(  $first: Int!) ${selections}`)).toEqual([[{ line: 2, column: 4 }]])
})

test('validation shares the turns of the event loop', async () => {
  const schema = buildSchema(sdl)
  const document = parse(`{ ${fields(5000)} }`)
  const began = loopTurn.number
  let others = 0
  let isOver = false
  const other = () => {
    others++
    if (!isOver) loopTurn.later('other', other)
  }
  loopTurn.later('other', other)
  expect(await validateInParts(schema, document, specifiedRules, 'one')).toEqual([])
  isOver = true
  expect(loopTurn.number - began).toBeGreaterThan(4)
  expect(others).toBeGreaterThan(4)
})
