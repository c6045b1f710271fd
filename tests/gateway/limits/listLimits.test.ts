import { buildSchema, type FragmentDefinitionNode, type OperationDefinitionNode, parse } from 'graphql'
import { compileVariableListCheck } from '../../../gateway/limits/listLimits'

test('a document is read once for the arguments of all its variables', () => {
  let reads = 0
  class Fragments extends Map<string, FragmentDefinitionNode> {
    override values() {
      reads++
      return super.values()
    }
  }
  const text = 'query ($a: [ID], $b: [ID], $c: [ID]) { x: f(ids: $a) y: f(ids: $b) z: f(others: [$c]) }'
  const [operation] = parse(text).definitions
  const schema = buildSchema('type Query { f(ids: [ID], others: [[ID]]): Int }')
  const check = compileVariableListCheck(operation as OperationDefinitionNode, new Fragments(), schema, 2)
  const long = ['1', '2', '3']
  expect(() => check?.({ b: long })).toThrow('ids: a list may have at most 2 entries, got 3')
  expect(() => check?.({ c: long })).toThrow('others: a list may have at most 2 entries, got 3')
  expect(reads).toBe(1)
})
