import { execFileSync } from 'node:child_process'
import { compiledPath } from '../../lib/compiled'

/** Runs an operation in a process of its own, and yields the text of its answer. */
function answerWith(...flags: string[]): string {
  const script = `
    const { buildSchema, getOperationAST, parse } = require('graphql')
    const { createSchemaGateway } = require(${JSON.stringify(compiledPath('gateway/schemaGateway'))})
    const { createClientRequest } = require(${JSON.stringify(compiledPath('lib/clientRequest'))})
    const schema = buildSchema('type Query { items: [Item!]! } type Item { id: ID! tags: [String!] size: Float other: Item }')
    const items = [{ id: 'a"', tags: ['x'], size: 1.5 }, { id: 'b', size: null, other: { id: 3 } }]
    schema.getQueryType().getFields().items.resolve = () => items
    const source = '{ items { id tags size other { id __typename } } }'
    const document = parse(source)
    const operation = getOperationAST(document)
    const context = { request: createClientRequest({ id: 'one', deadline: Date.now() + 10000 }) }
    createSchemaGateway(schema).executor({ context, document, operation, request: {}, source }).then(({ data }) => {
      let mayGenerate = true
      try { new Function('') } catch { mayGenerate = false }
      console.log(mayGenerate, JSON.stringify(data))
    })`
  return execFileSync(process.execPath, [...flags, '-e', script], { encoding: 'utf8', cwd: __dirname }).trim()
}

test('a process that allows no code from strings answers the same', () => {
  const text =
    '{"items":[{"id":"a\\"","tags":["x"],"size":1.5,"other":null},{"id":"b","tags":null,"size":null,"other":{"id":"3","__typename":"Item"}}]}'
  expect(answerWith()).toBe(`true ${text}`)
  expect(answerWith('--disallow-code-generation-from-strings')).toBe(`false ${text}`)
})
