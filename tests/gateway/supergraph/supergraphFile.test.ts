import { mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApolloServer } from '@apollo/server'
import { composeServices } from '@theguild/federation-composition'
import { type GraphQLSchema, parse } from 'graphql'
import { defaultLimits } from '../../../gateway/limits/limits'
import type { HttpServer } from '../../../gateway/server/httpServer'
import { openSupergraphFile } from '../../../gateway/supergraph/supergraphFile'
import type { SwappingGateway } from '../../../gateway/supergraph/swappingGateway'
import { LoadError } from '../../../lib/errors'
import type { SubgraphExecutor } from '../../../lib/execution/subgraphExecutor'
import { linkFederation } from '../federate'
import { startServer } from '../startServer'

/** The supergraph of these subgraphs; each at an address of its own name unless one is given. */
function compose(
  subgraphs: Record<string, string>,
  urls: Record<string, string> = {},
  link = linkFederation,
): string {
  const { supergraphSdl } = composeServices(
    Object.entries(subgraphs).map(([name, sdl]) => ({
      name,
      url: urls[name] ?? `http://${name}/`,
      typeDefs: parse(link + sdl),
    })),
  )
  if (!supergraphSdl) throw new Error('does not compose')
  return supergraphSdl
}

/** Answers every field with the executor's address and the field's name, when `open` lets it. */
class NamedExecutor implements SubgraphExecutor {
  isDisposed = false
  asked = 0
  open: Promise<void> | undefined
  readonly entered: Promise<void>
  private enter = () => {}

  constructor(
    readonly name: string,
    readonly url: string,
  ) {
    this.entered = new Promise((resolve) => {
      this.enter = resolve
    })
  }

  async execute({ document }: Parameters<SubgraphExecutor['execute']>[0]) {
    this.asked++
    this.enter()
    await this.open
    const [operation] = document.definitions
    const fields = operation.kind === 'OperationDefinition' ? operation.selectionSet.selections : []
    return {
      data: Object.fromEntries(
        fields.map((field) => [
          field.kind === 'Field' ? field.name.value : '',
          `${this.url} ${field.kind === 'Field' ? field.name.value : ''}`,
        ]),
      ),
    }
  }

  async dispose() {
    this.isDisposed = true
  }
}

interface Setup {
  readonly gateway: SwappingGateway
  readonly executors: NamedExecutor[]
  readonly lines: string[]
  /** Puts a text in the place of the file, and settles when the gateway has said what it made of it. */
  put(text: string): Promise<string>
  query(
    query: string,
  ): Promise<{ data?: unknown; errors?: { message: string; extensions: { code: string } }[] }>
}

const servers: HttpServer[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const file = () => join(mkdtempSync(join(tmpdir(), 'presage-supergraph-')), 'supergraph.graphql')

async function setUp(supergraphSdl: string): Promise<Setup> {
  const path = file()
  writeFileSync(path, supergraphSdl)
  const executors: NamedExecutor[] = []
  const lines: string[] = []
  let said = (_line: string) => {}
  const gateway = openSupergraphFile({
    file: path,
    limits: { ...defaultLimits, listLength: 3 },
    log(line) {
      lines.push(line.replace(path, 'FILE'))
      said(lines[lines.length - 1])
    },
    executorFor(name, url) {
      if (url === '') throw new LoadError([`subgraph ${name}: url: must be a URL`])
      const executor = new NamedExecutor(name, url)
      executors.push(executor)
      return executor
    },
  })
  const server = await startServer({
    gateway,
  })
  servers.push(server)
  return {
    gateway,
    executors,
    lines,
    put(text) {
      const line = new Promise<string>((resolve) => {
        said = resolve
      })
      writeFileSync(`${path}.next`, text)
      renameSync(`${path}.next`, path)
      return line
    },
    async query(query) {
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      })
      return (await response.json()) as Awaited<ReturnType<Setup['query']>>
    },
  }
}

const books = 'type Query { books: String }'
const authors = 'type Query { authors(ids: [Int!]): String }'

test('a new supergraph is served: its fields, its introspection, its plans', async () => {
  const { put, query } = await setUp(compose({ a: books }))
  expect(await query('{ books }')).toEqual({ data: { books: 'http://a/ books' } })
  expect((await query('{ authors }')).errors?.[0].message).toContain('Cannot query field "authors"')
  expect(await put(compose({ a: authors, b: books }))).toBe('FILE: now in service, with the subgraphs a, b')
  expect(await query('{ authors }')).toEqual({ data: { authors: 'http://a/ authors' } })
  // The same text as before: neither the document nor the plan of the old supergraph answers it.
  expect(await query('{ books }')).toEqual({ data: { books: 'http://b/ books' } })
  expect(await query('{ __schema { queryType { fields { name } } } }')).toEqual({
    data: { __schema: { queryType: { fields: [{ name: 'authors' }, { name: 'books' }] } } },
  })
})

test('limits count on the new one too', async () => {
  const { put, query } = await setUp(compose({ a: books }))
  await put(compose({ a: authors }))
  const { errors } = await query('{ authors(ids: [1, 2, 3, 4]) }')
  expect(errors?.[0].extensions.code).toBe('LIST_TOO_LONG')
})

test('a request in flight ends on the supergraph that it began on', async () => {
  const { put, query, executors } = await setUp(compose({ a: books }))
  let open = () => {}
  executors[0].open = new Promise((resolve) => {
    open = resolve
  })
  const old = query('{ books }')
  await executors[0].entered
  await put(compose({ b: authors }))
  expect(await query('{ authors }')).toEqual({ data: { authors: 'http://b/ authors' } })
  open()
  expect(await old).toEqual({ data: { books: 'http://a/ books' } })
})

test('what the old one let through passes Apollo Server anew; in flight past it, it ends on the old one', async () => {
  const apollo = jest.spyOn(ApolloServer.prototype, 'executeHTTPGraphQLRequest')
  const { put, query, executors } = await setUp(compose({ a: books }))
  await query('{ books }')
  let open = () => {}
  executors[0].open = new Promise((resolve) => {
    open = resolve
  })
  const old = query('{ books }')
  while (executors[0].asked < 2) await new Promise(setImmediate)
  expect(apollo).toHaveBeenCalledTimes(1)
  await put(compose({ b: authors }))
  expect((await query('{ books }')).errors?.[0].message).toContain('Cannot query field "books"')
  await put(compose({ c: books }))
  for (let i = 0; i < 3; i++) expect(await query('{ books }')).toEqual({ data: { books: 'http://c/ books' } })
  expect(apollo).toHaveBeenCalledTimes(3)
  open()
  expect(await old).toEqual({ data: { books: 'http://a/ books' } })
  apollo.mockRestore()
})

test('executors stay where name and address stay; others are made and disposed', async () => {
  const { put, executors, gateway } = await setUp(compose({ a: books, b: authors }))
  await put(compose({ a: books, b: authors, c: 'type Query { shops: String }' }, { b: 'http://moved/' }))
  expect(executors.map(({ name, url }) => `${name} ${url}`)).toEqual([
    'a http://a/',
    'b http://b/',
    'b http://moved/',
    'c http://c/',
  ])
  expect(executors.map(({ isDisposed }) => isDisposed)).toEqual([false, true, false, false])
  await gateway.stop()
  expect(executors.every(({ isDisposed }) => isDisposed)).toBe(true)
})

test.each([
  [
    'what does not parse',
    'type Query {',
    /^FILE: supergraph: must be a composed supergraph, got: line 1, column 13: [^\n]*; the last valid one stays in service$/,
  ],
  [
    'one with a join directive for an unknown subgraph',
    compose({
      a: 'type Query { books: String @shareable }',
      b: 'type Query { books: String @shareable }',
    }).replace(/type Query\b[\s\S]*?graph: B/, (text) => text.replace(/B$/, 'C')),
    /^FILE: supergraph: Query: @join__type\(graph:\) must be one of A, B, got C; the last valid/,
  ],
  [
    'one with a key that cannot be read',
    compose({ a: 'type Query { t: T } type T @key(fields: "id") { id: ID! }' }).replace('"id"', '"id {"'),
    /^FILE: supergraph: T: @join__type\(key:\) must be valid, got "id {": Syntax Error: [^\n]*; the last valid/,
  ],
  [
    'one with two subgraphs of one name',
    compose({ a: books, b: authors }).replace('name: "b"', 'name: "a"'),
    /^FILE: supergraph: join__Graph: subgraphs must have names of their own, got a for A, B; the last valid/,
  ],
  [
    'a schema that is no supergraph',
    'type Query { books: String }',
    /^FILE: supergraph: [^\n]*; the last valid one stays in service$/,
  ],
  ['nothing', '', /^FILE: supergraph: [^\n]*; the last valid one stays in service$/],
  [
    'half of one',
    compose({ a: books, b: authors }).slice(0, 1500),
    /^FILE: supergraph: [^\n]*; the last valid one stays in service$/,
  ],
  [
    'one without an address',
    compose({ a: books, b: authors }, { a: '', b: '' }),
    /^FILE: subgraph a: url: must be a URL; FILE|^FILE: subgraph a: url/,
  ],
])('%s is refused with one line, and the last valid one stays in service', async (_, text, line) => {
  const { put, query, executors, lines } = await setUp(compose({ a: books }))
  expect(await put(text)).toMatch(line)
  expect(await query('{ books }')).toEqual({ data: { books: 'http://a/ books' } })
  expect(executors[0].isDisposed).toBe(false)
  expect(executors.slice(1).every(({ isDisposed }) => isDisposed)).toBe(true)
  await put(compose({ b: books }))
  expect(await query('{ books }')).toEqual({ data: { books: 'http://b/ books' } })
  expect(lines).toHaveLength(2)
})

test('a type that the rest of the supergraph lacks is refused before Apollo Server sees it', async () => {
  const { put, query } = await setUp(compose({ a: books }))
  const broken = compose({ a: 'type Query { books: String shop: Shop } type Shop { id: ID }' })
  expect(await put(broken.replace(/type Shop[^}]*}/, ''))).toMatch(/; the last valid one stays in service$/)
  expect(await query('{ books }')).toEqual({ data: { books: 'http://a/ books' } })
})

test.each([
  ['@authenticated', 'authenticated'],
  ['@requiresScopes(scopes: [["a"]])', 'requiresScopes'],
  ['@policy(policies: [["a"]])', 'policy'],
])('a supergraph that counts on %s being enforced is refused', async (directive, feature) => {
  const link =
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@authenticated", "@requiresScopes", "@policy"])'
  const { put, gateway } = await setUp(compose({ a: books }))
  const guarded = compose({ a: `type Query { books: String ${directive} }` }, {}, link)
  expect(await put(guarded)).toBe(
    `FILE: supergraph: must not need https://specs.apollo.dev/${feature}/v0.1 (for: SECURITY), which this gateway does not support; the last valid one stays in service`,
  )
  expect(gateway.subgraphs).toEqual(['a'])
})

test('a supergraph whose fields have tags for a cache of answers is served', async () => {
  const { put, query } = await setUp(compose({ a: books }))
  // As Apollo's composition writes `@cacheTag(format: "all")`.
  const tagged = compose({ b: books })
    .replace('schema ', 'schema @link(url: "https://specs.apollo.dev/cacheTag/v0.1", for: EXECUTION) ')
    .replace(
      'books: String',
      'books: String @join__directive(graphs: [B], name: "federation__cacheTag", args: { format: "all" })',
    )
  await put(`${tagged}
    directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments)
      repeatable on FIELD_DEFINITION
    scalar join__DirectiveArguments`)
  expect(await query('{ books }')).toEqual({ data: { books: 'http://b/ books' } })
})

test('the file must hold a supergraph at the start', () => {
  const path = file()
  const open = () =>
    openSupergraphFile({
      file: path,
      limits: defaultLimits,
      executorFor: (name, url) => new NamedExecutor(name, url),
    })
  expect(open).toThrow(new LoadError([`${path}: must be a readable file, got no such file`]))
  writeFileSync(path, 'type Query {')
  expect(open).toThrow(/^.*supergraph.graphql: supergraph: must be/)
})

test('listeners are told of the present supergraph and of each new one, until they unsubscribe', async () => {
  const first = compose({ a: books })
  const { gateway } = await setUp(first)
  const told: { apiSchema: GraphQLSchema; coreSupergraphSdl: string }[] = []
  const unsubscribe = gateway.onSchemaLoadOrUpdate((context) => told.push(context))
  const second = compose({ a: authors })
  gateway.swap(second)
  gateway.swap(second)
  unsubscribe()
  gateway.swap(first)
  expect(told.map(({ coreSupergraphSdl }) => coreSupergraphSdl)).toEqual([first, second])
  expect(told[1].apiSchema.getQueryType()?.getFields()).toHaveProperty('authors')
})
