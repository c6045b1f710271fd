import { execFileSync } from 'node:child_process'
import { buildSchema, parse } from 'graphql'
import { createSchemaGateway } from '../../../gateway/supergraph/schemaGateway'
import { compiledPath } from '../../../lib/packagePaths'
import { createClientRequest } from '../../../lib/request/clientRequest'
import { contextOf } from '../federate'

/** Runs an operation in a process of its own, and yields the text of its answer. */
function answerWith(...flags: string[]): string {
  const script = `
    const { buildSchema, getOperationAST, parse } = require('graphql')
    const { createSchemaGateway } = require(${JSON.stringify(compiledPath('gateway/supergraph/schemaGateway'))})
    const { createClientRequest } = require(${JSON.stringify(compiledPath('lib/request/clientRequest'))})
    const schema = buildSchema('type Query { items: [Item!]! } type Item { id: ID! tags: [String!] size: Float other: Item }')
    const items = [{ id: 'a"', tags: ['x'], size: 1.5 }, { id: 'b', size: null, other: { id: 3 } }]
    schema.getQueryType().getFields().items.resolve = () => items
    const source = '{ items { id tags size other { id __typename } } }'
    const document = parse(source)
    const operation = getOperationAST(document)
    const context = { request: createClientRequest({ id: 'one', deadline: Date.now() + 60_000 }) }
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

test('objects of many fields are made and written without code of their own, whose making would cost more than they do', async () => {
  const names = Array.from({ length: 230 }, (_, n) => `f${n}`)
  const fieldsSdl = names.map((name) => `${name}: Int!`).join(' ')
  const schema = buildSchema(`type Query { items: [Item] } type Item { ${fieldsSdl} }`)
  const item = Object.fromEntries(names.map((name, n) => [name, n]))
  const fields = schema.getQueryType()!.getFields()
  fields['items'].resolve = () => [item, { ...item, f229: null }, item]
  const made = jest.spyOn(globalThis, 'Function')
  const ask = async (selected: readonly string[]) => {
    const source = `{ items { ${selected.join(' ')} } }`
    const request = createClientRequest({ id: '1', deadline: performance.now() + 60_000 })
    const { data, errors } = await createSchemaGateway(schema).executor(
      contextOf(source, parse(source), undefined, request),
    )
    return { text: JSON.stringify(data), paths: errors?.map(({ path }) => path?.join('.')) }
  }
  const longest = () => Math.max(...made.mock.calls.map((args) => String(args[args.length - 1]).length))
  try {
    expect(await ask(names)).toEqual({
      text: JSON.stringify({ items: [item, null, item] }),
      paths: ['items.1.f229'],
    })
    expect(longest()).toBeLessThan(1000)
    await ask(names.slice(0, 100))
    expect(longest()).toBeGreaterThan(1000)
  } finally {
    made.mockRestore()
  }
})
