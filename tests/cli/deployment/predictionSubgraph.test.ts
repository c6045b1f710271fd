import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execute, parse } from 'graphql'
import { createYoga } from 'graphql-yoga'
import {
  createPredictionSubgraph,
  LoadError,
  type PredictionSubgraph,
  PresageError,
} from '../../../cli/deployment/predictionSubgraph'
import { compiledPath, packageRoot } from '../../../lib/packagePaths'
import { runNode } from '../../support/presageCommand'

const example = join(packageRoot, 'examples/own-subgraph')
const options = {
  config: written('presage.yaml', exampleConfig()),
  name: 'watchlist',
  schema: join(example, 'schema.graphql'),
}
const resolvers = { Title: { watchlistedBy: () => 3 } }

/** That of the example, with paths from the root, and more time for a request than a busy machine may stall. */
function exampleConfig(): string {
  const text = readFileSync(join(example, 'presage.yaml'), 'utf8')
  const withPaths = text
    .replaceAll('../streaming', join(packageRoot, 'examples/streaming'))
    .replace('subgraphs: rover.yaml', `subgraphs: ${join(example, 'rover.yaml')}`)
  return `server: { timeout: 20s }\n${withPaths}`
}

function written(name: string, text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'presage-embed-')), name)
  writeFileSync(file, text)
  return file
}

const http = (headers: Record<string, string>) => ({
  req: { headers, socket: { remoteAddress: '127.0.0.1' } } as unknown as IncomingMessage,
})

describe('inside a server of its own', () => {
  let predictions: PredictionSubgraph

  beforeAll(async () => {
    predictions = await createPredictionSubgraph({ ...options, resolvers, log: () => {} })
    await predictions.loaded
  })
  afterAll(() => predictions.dispose())

  it('the schema predicts beside resolvers of the team, for what any gateway asks', async () => {
    const contextValue = { ...(await predictions.context(http({ 'x-member': '12' }))), team: 'watchlist' }
    expect(contextValue.request.context).toEqual({ member: '12' })
    const result = await execute({
      schema: predictions.schema,
      document: parse(`query ($r: [_Any!]!) { _entities(representations: $r) {
        ... on Title { watchlistedBy expectedRating(memberId: "12") } } }`),
      variableValues: { r: [{ __typename: 'Title', id: '1', genres: ['Comedy'], year: 1995 }] },
      contextValue,
    })
    expect(result).toEqual({
      data: { _entities: [{ watchlistedBy: 3, expectedRating: expect.any(Number) }] },
    })
  })

  it('only the versions that its fields need are there', () => {
    expect(predictions.readiness()).toEqual({ ready: true, reasons: [] })
  })

  it('the full SDL has the definition of the directive', () => {
    expect(predictions.sdl).toContain('directive @predict(')
    expect(predictions.sdl).toContain('@composeDirective(name: "@predict")')
  })

  it('a test needs headers only, and the address of a trusted proxy for context from the edge', async () => {
    const headers = { 'x-member': '12', 'x-presage-timeout-ms': '5' }
    const { request } = await predictions.context({ req: { headers } })
    expect(request).toMatchObject({ context: {}, headers })
    const near = await predictions.context({ req: { headers, socket: { remoteAddress: '127.0.0.1' } } })
    expect(near.request.context).toEqual({ member: '12' })
  })

  it.each([
    ['nothing', undefined, 'nothing'],
    ['an empty map', {}, 'nothing'],
    ['what servers with Fetch requests give', { request: new Request('http://localhost') }, '{ request }'],
    ['a Fetch request as req', { req: new Request('http://localhost') }, 'req without these'],
    ['a req without headers', { req: {} }, 'req without these'],
  ])('%s is refused as the request', async (_, given, got) => {
    await expect(predictions.context(given as never)).rejects.toThrow(
      `context of createPredictionSubgraph: must get { req, res } of node:http, or { req: { headers } } with headers by name in lower case, got ${got}; of a Fetch request, give`,
    )
  })

  it('a client that has gone before its context is made counts as gone, as one that goes later', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
    client.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
    const [req, res] = (await once(server, 'request')) as [IncomingMessage, ServerResponse]
    const { request: early } = await predictions.context({ req, res })
    expect(early.isAborted).toBe(false)
    client.destroy()
    await once(res, 'close')
    expect(early.isAborted).toBe(true)
    expect((await predictions.context({ req, res })).request.isAborted).toBe(true)
    server.close()
  })

  it('a request that is refused has code and status, as servers understand it', async () => {
    await expect(predictions.context(http({ 'x-presage-timeout-ms': 'soon' }))).rejects.toMatchObject({
      message: expect.stringContaining('x-presage-timeout-ms: must be'),
      extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
    })
  })
})

describe('under GraphQL Yoga, which hides unexpected errors', () => {
  const query = `query ($r: [_Any!]!) { _entities(representations: $r) {
    ... on Title { watchlistedBy expectedRating(memberId: "12") } } }`
  const r = [{ __typename: 'Title', id: '1', genres: ['Comedy'], year: 1995 }]

  async function errorsOf(predictions: PredictionSubgraph, headers: Record<string, string> = {}) {
    const yoga = createYoga<ReturnType<typeof http>>({
      schema: predictions.schema,
      context: predictions.context,
      logging: false,
    })
    const body = JSON.stringify({ query, variables: { r } })
    const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
    const response = await yoga.fetch('http://localhost/graphql', sent, http(headers))
    const { errors } = (await response.json()) as { errors: { message: string; extensions: object }[] }
    return errors.map(({ message, extensions }) => ({ message, extensions }))
  }

  it('errors of predictions, of the team and of requests keep their codes, and no others', async () => {
    const watchlistedBy = jest
      .fn()
      .mockRejectedValueOnce(new PresageError('FORBIDDEN', 'ask the owner'))
      .mockRejectedValueOnce(new Error('password: secret'))
      .mockResolvedValue(3)
    const predictions = await createPredictionSubgraph({
      ...options,
      resolvers: { Title: { watchlistedBy } },
      log: () => {},
    })
    await predictions.loaded
    expect(await errorsOf(predictions, { 'x-presage-timeout-ms': 'soon' })).toEqual([
      {
        message: expect.stringContaining('x-presage-timeout-ms: must be'),
        extensions: expect.objectContaining({ code: 'BAD_REQUEST' }),
      },
    ])
    expect(await errorsOf(predictions)).toEqual([
      { message: 'ask the owner', extensions: { code: 'FORBIDDEN' } },
    ])
    expect(await errorsOf(predictions)).toEqual([
      {
        message: 'Unexpected error.',
        extensions: expect.objectContaining({ code: 'INTERNAL_SERVER_ERROR' }),
      },
    ])
    await predictions.dispose()
    expect(await errorsOf(predictions)).toEqual([
      {
        message: expect.stringContaining('shutting down'),
        extensions: expect.objectContaining({ code: 'SHUTTING_DOWN' }),
      },
    ])
  })
})

describe('ended before its versions are loaded', () => {
  it('settles what waits for them, and is not ready', async () => {
    const predictions = await createPredictionSubgraph({ ...options, resolvers, log: () => {} })
    await Promise.all([predictions.loaded, predictions.dispose()])
    expect(predictions.readiness()).toEqual({ ready: false, reasons: ['shutting down'] })
  })
})

it('warns of a name that the list of subgraphs lacks, by which no gateway would know it', async () => {
  const lines: string[] = []
  const log = (line: string) => lines.push(line)
  const predictions = await createPredictionSubgraph({ ...options, name: 'watchlists', resolvers, log })
  await predictions.dispose()
  expect(lines).toContain(
    'warning: name: must be a subgraph of examples/own-subgraph/rover.yaml (catalog, watchlist), got watchlists; did you mean "watchlist"?',
  )
})

it('ends its workers if the log throws while it starts', async () => {
  const file = written(
    'server.mjs',
    `import { createPredictionSubgraph } from ${JSON.stringify(compiledPath('cli/deployment/predictionSubgraph'))}
     const log = () => { throw new Error('no log') }
     await createPredictionSubgraph({ ...${JSON.stringify(options)}, log }).catch(({ message }) => console.log(message))`,
  )
  // It would not end with a thread left.
  expect(await runNode([file], packageRoot)).toEqual({ code: 0, out: 'no log\n', err: '' })
})

describe('what is wrong is told when it is built, and nothing is left running', () => {
  it.each([
    [
      'a schema that is not there',
      { schema: '/nowhere.graphql' },
      'schema: /nowhere.graphql: must be a readable file, got no such file',
    ],
    [
      'a resolver for a predicted field',
      { resolvers: { Title: { expectedRating: () => 1 } } },
      /Title.expectedRating: .*resolver/,
    ],
    [
      'an objective that there is not',
      {
        schema: written(
          'schema.graphql',
          `extend schema
            @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
            @link(url: "https://specs.presage.dev/predict/v1.0", import: ["@predict"])
          type Query { rating(titleId: ID!, memberId: ID!): Float @predict(objective: "PREDICT_RATINGS") }`,
        ),
      },
      /Query.rating: .*PREDICT_RATINGS/,
    ],
    [
      'a resolver of a field that there is not, with the option',
      { resolvers: { Title: { watchlistdBy: () => 1 } } },
      /^resolvers: resolver of Title.watchlistdBy: must be of a field of the schema, got none; did you mean/,
    ],
    [
      'a configuration that is not there',
      { config: 'nope.yaml' },
      /^nope.yaml: must be a readable file, got no such file$/,
    ],
  ])('%s', async (_, changes, message) => {
    await expect(createPredictionSubgraph({ ...options, resolvers, ...changes })).rejects.toThrow(message)
  })

  const keys = 'config, name, schema, resolvers, log'
  it.each([
    ['no options', undefined, [`createPredictionSubgraph: must be a map with the keys ${keys}, got nothing`]],
    ['null', null, [`createPredictionSubgraph: must be a map with the keys ${keys}, got null`]],
    [
      'several wrong options, all at once',
      { config: 5, name: '', log: 1, resolver: {} },
      [
        'createPredictionSubgraph: config: must be text, got 5',
        'createPredictionSubgraph: name: must not be empty, got ""',
        'createPredictionSubgraph: schema: must be text, got nothing',
        'createPredictionSubgraph: log: must be a function, got 1',
        `createPredictionSubgraph: resolver: is not one of the keys ${keys}; did you mean "resolvers"?`,
      ],
    ],
    [
      'promised resolvers',
      { ...options, resolvers: Promise.resolve({}) },
      ['resolvers: must be resolvers by type, got a promise'],
    ],
    ['a list of resolvers', { ...options, resolvers: [] }, ['resolvers: must be resolvers by type, got []']],
    [
      'a function',
      { ...options, resolvers: () => ({}) },
      ['resolvers: must be resolvers by type, got function'],
    ],
    [
      'types without resolvers',
      { ...options, resolvers: { Query: null, Title: () => 1 } },
      [
        'resolvers: resolvers of Query: must be a map of resolvers by field, got null',
        'resolvers: resolvers of Title: must be a map of resolvers by field, got function',
      ],
    ],
    [
      'a field without a resolver',
      { ...options, resolvers: { Title: { watchlistedBy: undefined } } },
      [
        'resolvers: resolver of Title.watchlistedBy: must be a function or a map with the function resolve, got nothing',
      ],
    ],
  ])('%s, from code without types', async (_, wrong, problems) => {
    const error: unknown = await createPredictionSubgraph(wrong as never).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(LoadError)
    expect((error as LoadError).problems).toEqual(problems)
  })
})
