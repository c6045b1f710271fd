import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLObjectType, parse } from 'graphql'
import { createHttpExecutor } from '../../../gateway/remote/httpExecutor'
import { PresageError } from '../../../lib/errors'
import { unboundedWork } from '../../../lib/execution/answerWork'
import { type ColumnCall, withColumns } from '../../../lib/execution/columnField'
import type { EntityFetch } from '../../../lib/execution/subgraphExecutor'
import { createClientRequest } from '../../../lib/request/clientRequest'
import { plain } from '../../contracts/subgraphExecutor'
import { startGraphqlServer } from '../../support/graphqlServer'
import { startServer } from '../startServer'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of cleanUp.splice(0).reverse()) await stop()
})

const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires"])
  type Query { ok: Int }
  type Title @key(fields: "id") {
    id: ID!
    year: Int @external
    rating(of: String): Float @requires(fields: "year")
    name: String
  }
`)

/** A subgraph whose `rating` is resolved by columns: the year, or an error for those before 1900. */
function createSchema() {
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: { Title: { name: () => 'a name' } } }])
  const values = ({ parents, args }: ColumnCall) =>
    parents.map((parent) => {
      const { year } = parent as { readonly year: number | null }
      if (year === null) return null
      return year < 1900
        ? new PresageError('BAD_FEATURE', `year: must be at least 1900, got ${year}`)
        : year + Number(args['of'])
    })
  const title = schema.getType('Title') as GraphQLObjectType
  title.getFields()['rating'].resolve = withColumns(() => null, {
    parentFields: ['year'],
    takesReferences: true,
    async answer(call) {
      const all = values(call)
      return {
        values: all.map((value) => (value instanceof Error ? null : value)),
        errors: all.map((value) => (value instanceof Error ? value : undefined)),
      }
    },
  })
  return schema
}

const text = `query ($representations: [_Any!]!, $of: String) {
  _entities(representations: $representations) { ... on Title { rated: rating(of: $of) } }
}`

const fetchOf = (changes: Partial<EntityFetch> = {}, query = text): EntityFetch => ({
  operation: { kind: 'query', text: query, document: parse(query) },
  entitiesKey: '_entities',
  type: 'Title',
  sent: new Set(['__typename', 'id', 'year']),
  isFlat: true,
  isForPredictions: true,
  ...changes,
})

interface Body {
  readonly variables: object
  readonly extensions?: object
}

/** An executor whose calls pass a proxy, which notes their bodies. `url` is where the proxy sends them. */
async function setUp(url: string) {
  const bodies: Body[] = []
  const target = { url }
  const proxy = createServer((message, response) => {
    const chunks: Buffer[] = []
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.on('end', async () => {
      const body = Buffer.concat(chunks)
      bodies.push(JSON.parse(body.toString()))
      const headers = new Headers(message.headers as Record<string, string>)
      for (const name of ['connection', 'content-length', 'host']) headers.delete(name)
      const answer = await fetch(target.url, { method: 'POST', headers, body })
      const told = Object.fromEntries(
        [...answer.headers].filter(([name]) => name === 'content-type' || name.startsWith('x-')),
      )
      response.writeHead(answer.status, told).end(await answer.text())
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo
  const executor = createHttpExecutor({
    name: 'a',
    url: `http://127.0.0.1:${port}/graphql`,
    timeoutMs: 60_000,
  })
  cleanUp.push(
    () => new Promise((resolve) => proxy.close(resolve)),
    () => executor.dispose?.(),
  )
  const request = () => createClientRequest({ id: '1', deadline: performance.now() + 60_000 })
  return {
    bodies,
    executor,
    /** Where calls go from now on. */
    moveTo(other: string) {
      target.url = other
    },
    byRepresentations: (fetch: EntityFetch, years: readonly unknown[]) =>
      executor
        .execute(
          fetch.operation,
          { representations: years.map((year, id) => ({ __typename: 'Title', id: `${id}`, year })), of: '1' },
          request(),
        )
        .then(plain),
    async byColumns(fetch: EntityFetch, years: readonly unknown[]) {
      const columns = executor.columns?.(fetch)
      const entities = years.map((year, id) => ({ id: `${id}`, year }) as Record<string, unknown>)
      return { columns, entities, fill: () => columns!.fill(entities, { of: '1' }, request(), unboundedWork) }
    },
  }
}

async function startSubgraph() {
  const server = await startServer({ schema: createSchema() })
  cleanUp.push(() => server.close())
  return `${server.url}/graphql`
}

it('columns are sent from the second call on, and answer what representations answer', async () => {
  const { bodies, byRepresentations, byColumns } = await setUp(await startSubgraph())
  const fetch = fetchOf()
  const { columns, entities, fill } = await byColumns(fetch, [1999, null, 1800, 2001])
  expect(columns?.isReady).toBe(false)
  const { data, errors } = await byRepresentations(fetch, [1999, null, 1800, 2001])
  expect(data).toEqual({ _entities: [{ rated: 2000 }, { rated: null }, { rated: null }, { rated: 2002 }] })
  expect(errors).toMatchObject([{ path: ['_entities', 2, 'rated'], extensions: { code: 'BAD_FEATURE' } }])
  expect(columns?.isReady).toBe(true)

  const found = await fill()
  expect(entities.map(({ rated }) => rated)).toEqual([2000, null, null, 2002])
  expect({ errors: found?.errors }).toEqual({ errors: JSON.parse(JSON.stringify(errors)) })
  expect(bodies[1]).toEqual({
    query: text,
    variables: { of: '1' },
    extensions: {
      presageEntities: {
        type: 'Title',
        rows: 4,
        columns: { id: ['0', '1', '2', '3'], year: [1999, null, 1800, 2001] },
      },
    },
  })
})

it('a subgraph that has forgotten the operation gets representations, and columns after that', async () => {
  const { moveTo, byRepresentations, byColumns } = await setUp(await startSubgraph())
  const fetch = fetchOf()
  const { columns, entities, fill } = await byColumns(fetch, [1999])
  await byRepresentations(fetch, [1999])
  moveTo(await startSubgraph())
  expect(await fill()).toBeUndefined()
  expect([columns?.isReady, entities]).toEqual([false, [{ id: '0', year: 1999 }]])
  await byRepresentations(fetch, [1999])
  expect(columns?.isReady).toBe(true)
  expect(await fill()).toEqual({ errors: [], shared: [] })
})

it('another server is never sent columns', async () => {
  const server = await startGraphqlServer(createSchema())
  cleanUp.push(server.close)
  const { byRepresentations, byColumns } = await setUp(server.url)
  const fetch = fetchOf()
  const { columns } = await byColumns(fetch, [1999])
  await byRepresentations(fetch, [1999])
  expect(columns?.isReady).toBe(false)
})

it('a subgraph that cannot answer a fetch by columns says so, and is not asked again', async () => {
  const { bodies, byRepresentations, byColumns } = await setUp(await startSubgraph())
  // Without the year, the rating needs more than the gateway sends.
  const fetch = fetchOf({ sent: new Set(['id']) })
  const { columns, fill } = await byColumns(fetch, [1999])
  await byRepresentations(fetch, [1999])
  expect(columns?.isReady).toBe(true)
  expect(await fill()).toBeUndefined()
  await byRepresentations(fetch, [1999])
  expect([columns?.isReady, bodies.length]).toEqual([false, 3])
})

it('an entity that lacks a field, and too many entities, take representations', async () => {
  const { bodies, byColumns } = await setUp(await startSubgraph())
  const lacking = await byColumns(fetchOf(), [1999, undefined])
  expect(await lacking.fill()).toBeUndefined()
  const many = await byColumns(fetchOf(), new Array(2001).fill(1999))
  expect(await many.fill()).toBeUndefined()
  expect(bodies).toEqual([])
})

it('a failed call is an error of the subgraph, and columns stay', async () => {
  const { moveTo, byRepresentations, byColumns } = await setUp(await startSubgraph())
  const fetch = fetchOf()
  const { columns, fill } = await byColumns(fetch, [1999])
  await byRepresentations(fetch, [1999])
  const broken = await startGraphqlServer((_, response) => {
    response.writeHead(500, { 'content-type': 'text/html' }).end('out of order')
  })
  cleanUp.push(broken.close)
  moveTo(broken.url)
  await expect(fill()).rejects.toMatchObject({ code: 'UPSTREAM_FAILED' })
  expect(columns?.isReady).toBe(true)
})

it('columns of another length are an error of the subgraph', async () => {
  const { moveTo, byRepresentations, byColumns } = await setUp(await startSubgraph())
  const fetch = fetchOf()
  const { entities, fill } = await byColumns(fetch, [1999, 2000])
  await byRepresentations(fetch, [1999])
  const short = await startGraphqlServer((_, response) => {
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ data: { columns: { rated: [1] } } }))
  })
  cleanUp.push(short.close)
  moveTo(short.url)
  await expect(fill()).rejects.toMatchObject({ code: 'UPSTREAM_FAILED' })
  expect(entities[0]).not.toHaveProperty('rated')
})

it.each([
  ['no rows', { type: 'Title', columns: {} }],
  ['a column that is too short', { type: 'Title', rows: 2, columns: { id: ['1'] } }],
  ['more rows than allowed', { type: 'Title', rows: 2001, columns: {} }],
  ['a type that is none', { type: 1, rows: 0, columns: {} }],
])('malformed columns are not read: %s', async (_, presageEntities) => {
  const url = await startSubgraph()
  const { byRepresentations } = await setUp(url)
  await byRepresentations(fetchOf(), [1999])
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: text, variables: {}, extensions: { presageEntities } }),
  })
  const { data, errors } = (await response.json()) as { data?: unknown; errors: { extensions: object }[] }
  expect(data).toBeUndefined()
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
})

it('a column whose name holds a comma is not taken for several', async () => {
  const url = await startSubgraph()
  const { byRepresentations } = await setUp(url)
  await byRepresentations(fetchOf(), [1999])
  const ask = async (columns: object) => {
    const presageEntities = { type: 'Title', rows: 1, columns }
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-presage-columns': '1' },
      body: JSON.stringify({ query: text, variables: { of: '1' }, extensions: { presageEntities } }),
    })
    return ((await response.json()) as { data: { columns: object | null } }).data.columns
  }
  expect(await ask({ 'id,year': ['0'] })).toBe(null)
  expect(await ask({ id: ['0'], year: [1999] })).toEqual({ rated: [2000] })
})

it('only fetches of predictions by plain fields use columns', async () => {
  const { executor } = await setUp(await startSubgraph())
  expect(executor.columns?.(fetchOf({ isFlat: false }))).toBeUndefined()
  expect(executor.columns?.(fetchOf({ isForPredictions: false }))).toBeUndefined()
})
