import { execFileSync } from 'node:child_process'
import { buildSchema, parse } from 'graphql'
import { createSchemaGateway } from '../../gateway/schemaGateway'
import { createClientRequest } from '../../lib/clientRequest'
import { compiledPath } from '../../lib/compiled'
import { contextOf } from './federate'

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

test('objects of any number of fields are made and written by functions of a bounded size, in order', async () => {
  const names = Array.from({ length: 230 }, (_, n) => `f${n}`)
  const schema = buildSchema(
    `type Query { items: [Item] } type Item { ${names.map((name) => `${name}: Int!`).join(' ')} }`,
  )
  const item = Object.fromEntries(names.map((name, n) => [name, n]))
  const fields = schema.getQueryType()!.getFields()
  fields['items'].resolve = () => [item, { ...item, f229: null }, item]
  const lengths: number[] = []
  const { Function: MakeFunction } = globalThis
  const made = jest.spyOn(globalThis, 'Function').mockImplementation((...args) => {
    lengths.push(args[args.length - 1].length)
    return new MakeFunction(...args)
  })
  const ask = async (selected: readonly string[]) => {
    const source = `{ items { ${selected.join(' ')} } }`
    const request = createClientRequest({ id: '1', deadline: performance.now() + 60_000 })
    const { data, errors } = await createSchemaGateway(schema).executor(
      contextOf(source, parse(source), undefined, request),
    )
    return { text: JSON.stringify(data), paths: errors?.map(({ path }) => path?.join('.')) }
  }
  try {
    expect(await ask(names)).toEqual({
      text: JSON.stringify({ items: [item, null, item] }),
      paths: ['items.1.f229'],
    })
    const longest = Math.max(...lengths)
    await ask(names.slice(0, 49))
    expect(longest).toBeLessThan(lengths[lengths.length - 1] * 1.5)
  } finally {
    made.mockRestore()
  }
})
