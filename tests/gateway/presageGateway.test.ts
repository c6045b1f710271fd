import { parse, printSchema } from 'graphql'
import { defaultLimits } from '../../gateway/limits'
import { createPlanner } from '../../gateway/planner'
import { createGateway } from '../../gateway/presageGateway'
import { LoadError } from '../../lib/errors'
import { LruCache } from '../../lib/lruCache'
import { noMetrics } from '../../lib/metrics'
import { federate, linkPredict } from './federate'

const hello = (planCacheSize?: number) =>
  federate(
    {
      a: {
        typeDefs: `${linkPredict}
          directive @later(by: Int = 3) on FIELD
          "What can be asked."
          type Query {
            "Says it."
            hello(name: String = "you", kind: Kind): String @deprecated(reason: "rude")
            score: Float @predict(objective: "SCORE")
          }
          enum Kind { LOUD "Not public." HIDDEN @inaccessible }`,
        resolvers: { Query: { hello: (_: unknown, { name }: { name: string }) => `hello ${name}` } },
      },
    },
    { planCacheSize },
  )

test('the public schema has descriptions and deprecations, and nothing of federation or of Presage', () => {
  const printed = printSchema(hello().gateway.apiSchema)
  expect(printed).toContain('"""What can be asked."""\ntype Query {\n  """Says it."""')
  expect(printed).toContain('@deprecated(reason: "rude")')
  expect(printed).toContain('enum Kind {\n  LOUD\n}')
  expect(printed).not.toMatch(/@predict|join__|link__|_entities|_service|_Any/)
})

test('an operation is compiled once, and again when the cache has let it go', async () => {
  const federation = hello(1)
  await federation.query('{ hello }')
  await federation.query('{ hello }')
  await federation.query('{ other: hello }')
  await federation.query('{ hello }')
  const [first, second, , third] = federation.sent.map(({ document }) => document)
  expect(second).toBe(first)
  expect(third).not.toBe(first)
  expect(third).toEqual(first)
})

test('variables: defaults are filled in, and a wrong value is an error of the request', async () => {
  const federation = hello()
  const text = 'query ($name: String = "all") { hello(name: $name) }'
  expect(await federation.query(text)).toEqual({ data: { hello: 'hello all' } })
  const answer = await federation.query(text, { name: 3 })
  expect(answer.data).toBeUndefined()
  expect(answer.errors?.[0].message).toContain('Variable "$name" got invalid value 3')
})

test('a subgraph without an executor is found when the gateway is made', () => {
  const { supergraphSdl } = hello()
  expect(() => createGateway({ supergraphSdl, executors: new Map(), limits: defaultLimits })).toThrow(
    new LoadError(['supergraph: subgraph a must have an executor, got none']),
  )
})

test('what is no supergraph is refused with the reason', () => {
  expect(() => createPlanner('type Query {')).toThrow(/^supergraph: must be a composed supergraph, got: /)
})

test('where the planner has no binary, one sentence says so', () => {
  const load = () => {
    throw new Error('Cannot find native binding')
  }
  expect(() => createPlanner('', load)).toThrow(
    /^gateway: the query planner has binaries for glibc Linux and macOS only \(x64, arm64\), got \w+ \w+$/,
  )
})

test('the planner picks the operation that is named', () => {
  const planner = createPlanner(hello().supergraphSdl)
  const text = 'query A { a: hello } query B { b: hello }'
  expect(parse(text).definitions).toHaveLength(2)
  expect(planner.plan(text, 'B').node).toMatchObject({ operation: '{b: hello}' })
})

describe('the cache of operations', () => {
  test('keeps what was used last, within its number', () => {
    const cache = new LruCache<string>(2, 100)
    cache.set('a', 'A', 1)
    cache.set('b', 'B', 1)
    cache.get('a')
    cache.set('c', 'C', 1)
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['A', undefined, 'C'])
  })

  test('keeps within its weight', () => {
    const cache = new LruCache<string>(10, 5)
    cache.set('a', 'A', 3)
    cache.set('b', 'B', 3)
    expect([cache.get('a'), cache.get('b')]).toEqual([undefined, 'B'])
    cache.set('huge', 'H', 6)
    expect(cache.size).toBe(0)
  })
})

test('operations that were compiled before are counted apart from those that were not', async () => {
  const counts: Record<string, number> = {}
  const metrics = {
    ...noMetrics,
    counter: (name: string) => ({ inc: () => (counts[name] = (counts[name] ?? 0) + 1) }),
  }
  const { query } = federate({ a: { typeDefs: 'type Query { hello: String }' } }, { metrics })
  await query('{ hello }')
  await query('{ hello }')
  await query('query A { hello }')
  expect(counts).toEqual({ presage_plan_cache_misses_total: 2, presage_plan_cache_hits_total: 1 })
})
