import { execFileSync } from 'node:child_process'
import { compiledPath } from '../../lib/compiled'

/** Runs an operation in a process of its own, and yields the text of its answer. */
function answerWith(...flags: string[]): string {
  const script = `
    const { buildSchema, parse } = require('graphql')
    const { compileLocalOperation } = require(${JSON.stringify(compiledPath('gateway/local/compileOperation'))})
    const { compileResponseShape } = require(${JSON.stringify(compiledPath('gateway/shapeResponse'))})
    const schema = buildSchema('type Query { items: [Item!]! } type Item { id: ID! tags: [String!] size: Float other: Item }')
    const items = [{ id: 'a"', tags: ['x'], size: 1.5 }, { id: 'b', size: null, other: { id: 3 } }]
    schema.getQueryType().getFields().items.resolve = () => items
    const document = parse('{ items { id tags size other { id __typename } } }')
    const shape = compileResponseShape(schema.getQueryType(), document.definitions[0], { schema, fragments: new Map() })
    compileLocalOperation(schema, document).run({}, {}).then(({ data }) => {
      let mayGenerate = true
      try { new Function('') } catch { mayGenerate = false }
      console.log(mayGenerate, shape.shape({ data, errors: [], variables: {} }).dataText)
    })`
  return execFileSync(process.execPath, [...flags, '-e', script], { encoding: 'utf8', cwd: __dirname }).trim()
}

test('a process that allows no code from strings answers the same', () => {
  const text =
    '{"items":[{"id":"a\\"","tags":["x"],"size":1.5,"other":null},{"id":"b","tags":null,"size":null,"other":{"id":"3","__typename":"Item"}}]}'
  expect(answerWith()).toBe(`true ${text}`)
  expect(answerWith('--disallow-code-generation-from-strings')).toBe(`false ${text}`)
})
