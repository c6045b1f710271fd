import {
  type FieldNode,
  GraphQLError,
  type GraphQLErrorOptions,
  type OperationDefinitionNode,
  parse,
} from 'graphql'
import { lightError } from '../../../gateway/graphql/lightError'
import { PresageError } from '../../../lib/errors'

const operation = parse('{\n  a\n  b: a\n}').definitions[0] as OperationDefinitionNode
const [first, second] = operation.selectionSet.selections as FieldNode[]
const original = new PresageError('OVERLOADED', 'no', { input: 'a' })

const facts = (error: GraphQLError) => ({
  json: error.toJSON(),
  keys: Object.keys(error).sort(),
  text: String(error),
  kind: Object.prototype.toString.call(error),
  name: error.name,
  nodes: error.nodes,
  source: error.source,
  positions: error.positions,
  originalError: error.originalError,
  stack: error.originalError && error.stack,
})

test.each<[string, GraphQLErrorOptions]>([
  ['nothing', {}],
  ['a path', { path: ['a', 0, 'b'], extensions: { code: 'X' } }],
  ['an error before it', { originalError: original }],
  ['an error before it and extensions', { originalError: original, extensions: { code: 'Y' } }],
  ['a node', { nodes: second, path: ['b'] }],
  ['nodes', { nodes: [first, second], originalError: new Error('plain') }],
  ['no nodes', { nodes: [] }],
  ['nodes of no document', { nodes: [{ ...first, loc: undefined }] }],
])('an error with %s is in all that can be seen what graphql-js makes', (_, options) => {
  const light = lightError('message', options)
  expect(light).toBeInstanceOf(GraphQLError)
  expect(facts(light)).toEqual(facts(new GraphQLError('message', options)))
})
