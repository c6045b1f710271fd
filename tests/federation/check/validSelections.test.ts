import { buildSchema, type DocumentNode, Kind, parse, validate } from 'graphql'
import { invalidity } from '../../../federation/check/validSelections'

const schema = buildSchema(`
  input In { n: Int! }
  interface Node { id: ID! }
  union Thing = Book | Film
  type Book implements Node { id: ID! title: String same: Int }
  type Film implements Node { id: ID! title: String! same: Int }
  type Other { id: ID! }
  type Query { node(id: ID!): Node thing(first: Int = 1, in: In): Thing list(ids: [ID!]!): [Book] n: Int }
  type Mutation { n: Int }`)

function invalidityOf(document: DocumentNode): string | undefined {
  const [operation] = document.definitions
  if (operation.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation')
  return invalidity(operation, schema)
}

test.each([
  '{n}',
  'mutation{n}',
  '{__typename node(id: 1){__typename id ...on Book{title same} ...on Film{same}}}',
  '{thing{...on Node{id} ...on Book{title} ...on Film{t:title}}}',
  'query($i:ID! $f:Int){node(id:$i){id} thing(first:$f){__typename}}',
  'query($f:Int=1 $d:Int!){thing(first:$f){__typename} a:thing(first:$d){__typename}}',
  'query($i:ID! $l:[ID!]!){a:list(ids:$l){id} b:list(ids:["1"]){id} n node(id:$i){id}}',
  'query($in:In){thing(in:$in){__typename} a:thing(in:{n:1}){__typename}}',
])('%s is valid, here and by graphql-js', (text) => {
  const document = parse(text)
  expect([invalidityOf(document), validate(schema, document)]).toEqual([undefined, []])
})

test.each([
  ['{other}', 'Query has no field other'],
  ['{toString}', 'Query has no field toString'],
  ['{node(id: 1)}', 'Query.node must have a selection exactly if its type has fields'],
  ['{n{id}}', 'Query.n must have a selection exactly if its type has fields'],
  ['{node{id}}', 'Query.node must be given id'],
  ['{node(id: 1, of: 2){id}}', 'Query.node has no argument of'],
  ['{node(id: 1, id: 1){id}}', 'Query.node is given id twice'],
  ['{node(id: true){id}}', 'Query.node(id:) has an invalid value'],
  ['{node(id: null){id}}', 'Query.node(id:) has an invalid value'],
  ['{thing(in: {}){__typename}}', 'Query.thing(in:) has an invalid value'],
  ['{node(id: $i){id}}', '$i is not declared'],
  ['query($i:ID!){n}', '$i is declared and not used'],
  ['query($i:ID! $i:ID!){node(id:$i){id}}', '$i is declared twice'],
  ['query($i:ID){node(id:$i){id}}', 'Query.node(id:) is a ID!, but $i is not'],
  ['query($i:Int!){node(id:$i){id}}', 'Query.node(id:) is a ID!, but $i is not'],
  ['query($i:[ID]!){list(ids:$i){id}}', 'Query.list(ids:) is a [ID!]!, but $i is not'],
  ['query($i:Unknown){node(id:$i){id}}', 'Query.node(id:) is a ID!, but $i is not'],
  ['{node(id: 1){...on Other{id}}}', 'a Node cannot be a Other'],
  ['{node(id: 1){...on Nothing{id}}}', 'a Node cannot be a Nothing'],
  ['{thing{id}}', 'Thing has no field id'],
  // Finding 7: one key, two types.
  ['{thing{...on Book{title} ...on Film{title}}}', 'thing.title is a String and a String!'],
  ['{node(id: 1){...on Book{a:title} ...on Film{a:same}}}', 'node.a is a String and a Int'],
])('%s is not valid: %s', (text, reason) => {
  const document = parse(text)
  expect(invalidityOf(document)).toBe(reason)
  expect(validate(schema, document)).not.toEqual([])
})

test.each([
  ['subscription{n}', 'there is no subscription'],
  ['{n @skip(if: true)}', 'a directive may change it'],
  ['{...F} fragment F on Query{n}', 'a fragment is named'],
])('%s is valid by graphql-js, and nothing that a plan may have: %s', (text, reason) => {
  const document = parse(text)
  expect([invalidityOf(document), validate(schema, document)]).toEqual([reason, []])
})
