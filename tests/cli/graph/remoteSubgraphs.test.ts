import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../../cli/config/config'
import { startDeployment } from '../../../cli/deployment/startDeployment'
import { packageRoot } from '../../../lib/packagePaths'
import { withPredictDirective } from '../../../schema/sdl/predictDirective'
import { type ApolloSubgraph, startApolloSubgraph } from '../../support/apolloSubgraph'
import { postQuery } from '../../support/example'
import { startGraphqlServer } from '../../support/graphqlServer'
import { runPresage } from '../../support/presageCommand'
import { presageHere } from '../../support/presageHere'

/** A graph of Apollo servers that a team extends by a prediction field, with their schemas by `subgraph_url`. */

const folder = mkdtempSync(join(tmpdir(), 'presage-remote-'))
const write = (name: string, content: string) => writeFileSync(join(folder, name), content)
const fetched = join(folder, 'subgraphs/remote/films.graphql')
const presage = (...args: string[]) => presageHere(args, folder)

const films = (more = '') => `
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Query { films: [Title!]! }
type Title @key(fields: "id") { id: ID! name: String year: Int genres: [String!] ${more} }
`
const titles = [
  { id: '1', name: 'Toy Story', year: 1995, genres: ['Animation', 'Comedy'] },
  { id: '50', name: 'The Usual Suspects', year: 1995, genres: ['Crime'] },
]
const resolvers = {
  Query: { films: () => titles },
  Title: { __resolveReference: ({ id }: { id: string }) => titles.find((title) => title.id === id) },
}
const rover = (subgraph: string) => `
subgraphs:
  films:
    ${subgraph}
  ratings:
    routing_url: http://127.0.0.1:1/graphql
    schema: { file: ratings/schema.graphql }
`

let server: ApolloSubgraph

beforeAll(async () => {
  server = await startApolloSubgraph(films(), resolvers)
  mkdirSync(join(folder, 'ratings'))
  write(
    'ratings/schema.graphql',
    `
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires"])
  @link(url: "https://specs.presage.dev/predict/v1.0", import: ["@predict"])

type Title @key(fields: "id") {
  id: ID!
  genres: [String!] @external
  year: Int @external
  expectedRating(memberId: ID!): Float
    @requires(fields: "genres year")
    @predict(objective: "PREDICT_RATING", inputs: ["titleId: parent.id"])
}
`,
  )
  cpSync(join(packageRoot, 'examples/streaming/rules.yaml'), join(folder, 'rules.yaml'))
  write(
    'presage.yaml',
    `server: { port: 0, timeout: 20s }
repositories: [${join(packageRoot, 'examples/streaming')}, ${join(packageRoot, 'examples/streaming/movielens')}]
shards: { main: { workers: 1 } }
context: { member: { header: x-member } }
rules: { file: rules.yaml, store: memory }
graph: { supergraph: supergraph.graphql, planLock: plan.lock.json }
`,
  )
  write('rover.yaml', rover(`schema: { subgraph_url: "${server.url}" }`))
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

it('a start and a check without the fetched schema say what to run', async () => {
  const { code, err } = await presage('compose', '--check')
  expect(code).toBe(1)
  expect(err).toBe(
    'rover.yaml:4: subgraphs.films.schema.subgraph_url: must have been fetched to subgraphs/remote/films.graphql, got no such file; run npx presage compose\n1 problem\n',
  )
  expect(existsSync(fetched)).toBe(false)
})

it('compose fetches the schema once, and warns of none of its fields', async () => {
  const { code, out } = await runPresage(['compose'], folder)
  expect(code).toBe(0)
  expect(out).toContain('wrote subgraphs/remote/films.graphql\n')
  expect(out).toMatch(/^ratings +Title\.expectedRating +PREDICT_RATING$/m)
  expect(out).not.toContain('always null')
  const sdl = readFileSync(fetched, 'utf8')
  expect(sdl).toMatch(/^# The schema of films, fetched by "presage compose"/)
  expect(sdl).toContain('films: [Title!]!')
  // As rover has it: without a routing_url it is the same address.
  expect(readFileSync(join(folder, 'supergraph.graphql'), 'utf8')).toContain(
    `@join__graph(name: "films", url: "${server.url}")`,
  )
  expect((await presage('compose', '--check')).code).toBe(0)
})

it('start asks the remote subgraph over HTTP, and predicts from what it answers', async () => {
  const lines: string[] = []
  const deployment = await startDeployment(loadConfig(join(folder, 'presage.yaml')), {
    log: (line) => lines.push(line),
  })
  try {
    await deployment.loaded
    const { data, errors } = await postQuery(
      deployment.url,
      '{ films { name expectedRating(memberId: "12") } }',
    )
    expect(errors).toBeUndefined()
    expect(data.films.map(({ name }: { name: string }) => name)).toEqual(['Toy Story', 'The Usual Suspects'])
    const ratings = data.films.map(({ expectedRating }: { expectedRating: number }) => expectedRating)
    for (const rating of ratings) expect(rating).toBeGreaterThan(0.5)
    expect(ratings[0]).not.toBe(ratings[1])
    expect(lines.join('\n')).not.toContain('always null')
  } finally {
    await deployment.close()
  }
})

it('a subgraph that runs elsewhere is not served here', async () => {
  const { code, err } = await presage('subgraph', 'films', '--port', '0')
  expect(code).toBe(1)
  expect(err).toContain(`subgraph: must be one that runs here, got films, which runs at ${server.url}`)
})

it('--refresh fetches it again; with --check it tells that the schema has changed', async () => {
  const { port } = server
  await server.close()
  const away = await presage('compose')
  expect(away).toMatchObject({
    code: 0,
    out: expect.stringContaining(
      'films: composed from subgraphs/remote/films.graphql; presage compose --refresh fetches it again\n',
    ),
  })
  const before = readFileSync(fetched, 'utf8')
  const refused = await presage('compose', '--refresh')
  expect(refused).toMatchObject({
    code: 1,
    err: `rover.yaml:4: subgraphs.films.schema.subgraph_url: must be reachable, got ECONNREFUSED (http://127.0.0.1:${port}/)\n1 problem\n`,
  })
  expect(readFileSync(fetched, 'utf8')).toBe(before)

  server = await startApolloSubgraph(films('length: Int'), resolvers, port)
  const check = await runPresage(['compose', '--refresh', '--check'], folder)
  expect(check).toMatchObject({
    code: 1,
    err: expect.stringContaining(
      'subgraphs/remote/films.graphql: must be what `npx presage compose --refresh` writes',
    ),
  })
  expect((await presage('compose', '--refresh')).out).toContain('wrote subgraphs/remote/films.graphql\n')
  expect(readFileSync(join(folder, 'supergraph.graphql'), 'utf8')).toContain('length: Int')
})

describe('is refused', () => {
  const refusals = async (subgraph: string) => {
    rmSync(fetched, { force: true })
    write('rover.yaml', rover(subgraph))
    const { code, err } = await presage('compose')
    expect(code).toBe(1)
    expect(existsSync(fetched)).toBe(false)
    return err.replace('rover.yaml:4: subgraphs.films.schema', '').replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')
  }
  const answering = async (body: string, status = 200, type = 'application/json') => {
    const asked = await startGraphqlServer((_call, response) => {
      response.writeHead(status, { 'content-type': type }).end(body)
    })
    try {
      return await refusals(`schema: { subgraph_url: "${asked.url}?key=secret" }`)
    } finally {
      await asked.close()
    }
  }

  it('what is no URL', async () => {
    expect(await refusals('schema: { subgraph_url: "films:4001" }')).toContain(
      '.subgraph_url: must be a URL of http or https, got "films:4001"\n',
    )
  })

  it('a URL or header that cannot be sent, without what is secret in it', async () => {
    expect(await refusals('schema: { subgraph_url: "http://user:secret@films:4001/graphql" }')).toContain(
      '.subgraph_url: must be a URL without a user and password, which introspection_headers may hold as authorization\n',
    )
    const header = 'introspection_headers: { X-Key: "se\\ncret" }'
    expect(await refusals(`schema: { subgraph_url: "http://127.0.0.1:1/graphql", ${header} }`)).toContain(
      '.subgraph_url: must be reachable, got a header that cannot be sent (http://HOST/graphql)\n',
    )
  })

  it('a message of several lines is told on one', async () => {
    const body = JSON.stringify({ errors: [{ message: 'no\n\u001b[31mfield' }] })
    expect(await answering(body)).toContain('got: no [31mfield (http://HOST/graphql)\n')
    const sdl = 'type Query { a: "no\\n\\u001b[31mtype" }'
    expect(await answering(JSON.stringify({ data: { _service: { sdl } } }))).toContain(
      'got: Syntax Error: Expected Name, found String "no [31mtype". (http://HOST/graphql)\n',
    )
    expect(await answering('no', 404, 'text/\u009b31m')).toContain(
      'got status 404 text/ 31m (http://HOST/graphql)\n',
    )
  })

  it('a GraphQL server that is not a subgraph', async () => {
    const body = JSON.stringify({ errors: [{ message: 'Cannot query field "_service" on type "Query".' }] })
    expect(await answering(body, 400)).toContain(
      '.subgraph_url: must be a federation subgraph, which answers { _service { sdl } }, got: Cannot query field "_service" on type "Query". (http://HOST/graphql)\n',
    )
    expect(await answering('{"data":{}}')).toContain('got: an answer without _service { sdl }')
    expect(await answering('{"errors":[{"message":{}}]}')).toContain(
      'got: an answer without _service { sdl }',
    )
  })

  it('what is not GraphQL', async () => {
    expect(await answering('<html>', 404, 'text/html')).toContain(
      '.subgraph_url: must answer GraphQL as JSON, got status 404 text/html (http://HOST/graphql)\n',
    )
  })

  it('an SDL that does not parse', async () => {
    expect(await answering(JSON.stringify({ data: { _service: { sdl: 'type Query {' } } }))).toContain(
      '.subgraph_url: must answer an SDL that parses, got: Syntax Error: Expected Name, found <EOF>. (http://HOST/graphql)\n',
    )
  })
})

it('predictions of a remote subgraph are its own: their objectives need not be known here', async () => {
  rmSync(fetched, { force: true })
  // What `presage/subgraph` in a team's server answers.
  const printed = films('mood: String @predict(objective: "GUESS_MOOD")').replace(
    'v2.3", import: ["@key"])',
    'v2.9", import: ["@key"]) @link(url: "https://specs.presage.dev/predict/v1.0", import: ["@predict"])',
  )
  const source = { name: 'films', url: '', file: 'films.graphql', sdl: printed }
  const { sdl } = withPredictDirective(source)
  const asked = await startGraphqlServer((_call, response) => {
    const body = JSON.stringify({ data: { _service: { sdl } } })
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  })
  try {
    write('rover.yaml', rover(`schema: { subgraph_url: "${asked.url}" }`))
    const { code, out, err } = await presage('compose')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).not.toContain('Title.mood')
    expect(readFileSync(join(folder, 'supergraph.graphql'), 'utf8')).toMatch(/mood: String .*@predict/)
    expect(readFileSync(join(folder, 'plan.lock.json'), 'utf8')).not.toContain('Title.mood')
  } finally {
    await asked.close()
  }
})

it('the headers for introspection go with the question, from the environment', async () => {
  rmSync(fetched, { force: true })
  const sdl = films()
  const asked = await startGraphqlServer(({ headers }, response) => {
    const body =
      headers['x-key'] === 'k1' ? { data: { _service: { sdl } } } : { errors: [{ message: 'not allowed' }] }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  try {
    const headers = (key: string) =>
      `schema: { subgraph_url: "${asked.url}", introspection_headers: { X-Key: "${key}" } }`
    write('rover.yaml', rover(headers('k2')))
    expect((await presage('compose')).err).toContain('got: not allowed')
    // biome-ignore lint/suspicious/noTemplateCurlyInString: rover writes expansions in this form
    write('rover.yaml', rover(headers('${env.PRESAGE_TEST_KEY:-k1}')))
    expect(await presage('compose')).toMatchObject({ code: 0 })
  } finally {
    await asked.close()
  }
})
