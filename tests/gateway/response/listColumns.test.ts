import { buildSchema } from 'graphql'
import { columnsType } from '../../../gateway/graphql/columnList'
import { asksLists, columnsHeader } from '../../../gateway/graphql/entityColumns'
import { startServer } from '../startServer'

interface Asked {
  readonly count: number
  readonly length: number
}

async function ask(
  url: string,
  query: string,
  variables = {},
): Promise<{ type: string | null; text: string }> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [columnsHeader]: asksLists },
    body: JSON.stringify({ query, variables }),
  })
  return { type: response.headers.get('content-type'), text: await response.text() }
}

test.each(['text', 'texts'])('a list comes by columns unless it is long in characters: %s', async (field) => {
  const schema = buildSchema(`
    type Query { notes(count: Int!, length: Int!): [Note] }
    type Note { text: String texts: [String] }`)
  schema.getQueryType()!.getFields()['notes'].resolve = (_, { count, length }: Asked) =>
    Array.from({ length: count }, () => ({ text: 'x'.repeat(length), texts: ['x'.repeat(length)] }))
  const server = await startServer({ schema })
  const query = `query ($count: Int!, $length: Int!) { notes(count: $count, length: $length) { ${field} } }`
  try {
    // What was not asked before never comes by columns.
    await ask(server.url, query, { count: 1, length: 1 })
    expect((await ask(server.url, query, { count: 2000, length: 200 })).type).toBe(columnsType)
    const { type, text } = await ask(server.url, query, { count: 10, length: 100_000 })
    expect(type).toBe('application/json; charset=utf-8')
    expect(JSON.parse(text).data.notes).toHaveLength(10)
  } finally {
    await server.close()
  }
})

test('a scalar that nests too deep to be written fails alone, though columns are asked for', async () => {
  let deep: unknown = 1
  for (let level = 0; level < 100_000; level++) deep = [deep]
  const schema = buildSchema('scalar Any type Query { notes: [Note] } type Note { any: Any }')
  schema.getQueryType()!.getFields()['notes'].resolve = () => [{ any: 1 }, { any: deep }]
  const server = await startServer({ schema })
  try {
    await ask(server.url, '{ notes { any } }')
    const { data, errors } = JSON.parse((await ask(server.url, '{ notes { any } }')).text)
    expect(data.notes[0]).toEqual({ any: 1 })
    if (canWrite(deep)) {
      expect([data.notes.length, errors]).toEqual([2, undefined])
      return
    }
    expect(data.notes[1]).toEqual({ any: null })
    expect(errors).toMatchObject([{ path: ['notes', 1, 'any'], extensions: { code: 'UPSTREAM_FAILED' } }])
  } finally {
    await server.close()
  }
})

/** Since Node 26, however deep it nests. */
function canWrite(value: unknown): boolean {
  try {
    JSON.stringify(value)
    return true
  } catch {
    return false
  }
}
