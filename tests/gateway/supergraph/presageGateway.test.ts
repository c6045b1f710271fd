import { printSchema } from 'graphql'
import { defaultLimits } from '../../../gateway/limits/limits'
import { createGateway } from '../../../gateway/supergraph/presageGateway'
import { LoadError } from '../../../lib/errors'
import { noMetrics } from '../../../lib/metrics'
import { federate, linkPredict } from '../federate'

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
  await federation.query('{ score }')
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

test('a message about an argument names the variable as the client wrote it', async () => {
  const federation = federate({
    a: {
      typeDefs: `${linkPredict}
        type Query { found(at: Int, filter: Filter): String }
        input Filter { name: String! = "x" }`,
      resolvers: { Query: { found: () => 'it' } },
    },
  })
  const text = 'query ($where: Int, $mine: String = "a") { found(at: $where, filter: { name: $mine }) }'
  expect(await federation.query(text)).toEqual({ data: { found: 'it' } })
  const { errors } = await federation.query(text, { mine: null })
  expect(errors?.map(({ message }) => message)).toEqual([
    'Argument "filter" has invalid value {name: $mine}.',
  ])
})

test('a subgraph without an executor is found when the gateway is made', () => {
  const { supergraphSdl } = hello()
  expect(() => createGateway({ supergraphSdl, executors: new Map(), limits: defaultLimits })).toThrow(
    new LoadError(['supergraph: subgraph a must have an executor, got none']),
  )
})

test('what is no supergraph is refused with the reason', () => {
  const limits = defaultLimits
  expect(() => createGateway({ supergraphSdl: 'type Query {', executors: new Map(), limits })).toThrow(
    /^supergraph: must be a composed supergraph, got: line 1, column 13: Syntax Error/,
  )
})

test('operations that mean the same are planned once, whatever the client calls what, and run as one step', async () => {
  const federation = hello()
  const texts = [
    'query ($n: String) { hello(name: $n) }',
    'query Q ($other: String!) { a: hello(name: $other) ...F } fragment F on Query { b: hello(name: $other) }',
    '{ x: hello(name: "literal") }',
  ]
  for (const text of texts) await federation.query(text, { n: 'n', other: 'o' })
  const [first, ...others] = federation.sent
  expect(first.text).toBe('query($v0:String){hello(name:$v0)}')
  for (const { document } of others) expect(document).toBe(first.document)
  expect(federation.sent.map(({ variables }) => variables)).toEqual([
    { v0: 'n' },
    { v0: 'o' },
    { v0: 'literal' },
  ])
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
