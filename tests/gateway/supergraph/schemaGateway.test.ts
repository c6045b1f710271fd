import { buildSchema, type GraphQLObjectType } from 'graphql'
import type { HttpSettings } from '../../../gateway/server/httpServer'
import { createSchemaGateway } from '../../../gateway/supergraph/schemaGateway'
import { startServer } from '../startServer'

/** A subgraph alone, whose gateway is another product. */

const schema = buildSchema(
  'type Query { numbers(count: Int!): [Int!]! rows(count: Int!): [Row] never: Row } type Row { id: Int }',
)
const { numbers, rows, never } = (schema.getQueryType() as GraphQLObjectType).getFields()
const upTo = (count: number) => Array.from({ length: count }, (_, id) => id)
numbers.resolve = (_, { count }) => upTo(count)
rows.resolve = (_, { count }) => upTo(count).map((id) => ({ id }))
never.resolve = () => new Promise(() => {})

const gateway = createSchemaGateway(schema, { values: 10_000, bytes: 1_000_000 })

async function ask(query: string, settings: Partial<HttpSettings> = {}) {
  const server = await startServer({ gateway, ...settings })
  try {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ query })
    const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body })
    const { data, errors = [] } = await response.json()
    return {
      data,
      codes: errors.map(({ path, extensions }: { path?: string[]; extensions: { code: string } }) => [
        path?.join('.'),
        extensions.code,
      ]),
    }
  } finally {
    await server.close()
  }
}

test('an answer that is too large is refused while it is made', async () => {
  expect(await ask('{ rows(count: 9000) { id } }')).toEqual({
    data: undefined,
    codes: [[undefined, 'ANSWER_TOO_LARGE']],
  })
  expect((await ask('{ rows(count: 3000) { id } }')).data.rows).toHaveLength(3000)
})

test('what resolvers do not answer before the deadline is null', async () => {
  expect(await ask('{ never { id } }', { defaultTimeoutMs: 50 })).toEqual({
    data: { never: null },
    codes: [['never', 'DEADLINE_EXCEEDED']],
  })
})
