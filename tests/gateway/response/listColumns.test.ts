import { buildSchema } from 'graphql'
import { columnsType } from '../../../gateway/graphql/columnList'
import { asksLists, columnsHeader } from '../../../gateway/graphql/entityColumns'
import { startServer } from '../startServer'

interface Asked {
  readonly count: number
  readonly length: number
}

test.each(['text', 'texts'])('a list comes by columns unless it is long in characters: %s', async (field) => {
  const schema = buildSchema(`
    type Query { notes(count: Int!, length: Int!): [Note] }
    type Note { text: String texts: [String] }`)
  schema.getQueryType()!.getFields()['notes'].resolve = (_, { count, length }: Asked) =>
    Array.from({ length: count }, () => ({ text: 'x'.repeat(length), texts: ['x'.repeat(length)] }))
  const server = await startServer({ schema })
  const ask = async (variables: Asked) => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [columnsHeader]: asksLists },
      body: JSON.stringify({
        query: `query ($count: Int!, $length: Int!) { notes(count: $count, length: $length) { ${field} } }`,
        variables,
      }),
    })
    return { type: response.headers.get('content-type'), text: await response.text() }
  }
  try {
    // What was not asked before never comes by columns.
    await ask({ count: 1, length: 1 })
    expect((await ask({ count: 2000, length: 200 })).type).toBe(columnsType)
    const { type, text } = await ask({ count: 10, length: 100_000 })
    expect(type).toBe('application/json; charset=utf-8')
    expect(JSON.parse(text).data.notes).toHaveLength(10)
  } finally {
    await server.close()
  }
})
