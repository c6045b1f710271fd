import { type GraphQLSchema, parse, printSchema } from 'graphql'
import { readGraphs } from '../../../federation/supergraph/joinDirectives'
import { createSubgraphSchemas } from '../../../federation/supergraph/subgraphSchemas'

const supergraph = parse(`
  schema @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Root mutation: Change }
  directive @join__graph(name: String!, url: String!) on ENUM_VALUE
  directive @shown(at: Place) on FIELD
  directive @predict(model: String) on FIELD_DEFINITION
  enum join__Graph {
    A @join__graph(name: "a", url: "http://a")
    B @join__graph(name: "b-2", url: "http://b")
    C @join__graph(name: "c", url: "http://c")
  }
  scalar join__FieldSet
  type Root @join__type(graph: A) @join__type(graph: B) @join__type(graph: C) {
    node(where: Where, place: Place): Node @join__field(graph: A)
    best: Node @join__field(graph: B)
  }
  type Change @join__type(graph: A) { move(place: Place): Film }
  enum Place @join__type(graph: A) @join__type(graph: B) {
    HERE @join__enumValue(graph: A) @join__enumValue(graph: B)
    THERE @join__enumValue(graph: A)
  }
  input Where @join__type(graph: A) @join__type(graph: B) {
    place: Place! @join__field(graph: A, type: "Place") @join__field(graph: B)
    near: Int @join__field(graph: A)
  }
  interface Node
    @join__type(graph: A, key: "id")
    @join__type(graph: B, key: "id", isInterfaceObject: true) { id: ID! stars: Int @join__field(graph: B) }
  type Film implements Node
    @join__implements(graph: A, interface: "Node")
    @join__type(graph: A, key: "id")
    @join__type(graph: C, key: "id", resolvable: false) {
    id: ID!
    title: String! @join__field(graph: A, type: "String") @join__field(graph: C, external: true)
    stars: Int @join__field
    at: Place @join__field(graph: A)
  }
  union Thing
    @join__type(graph: A)
    @join__type(graph: C)
    @join__unionMember(graph: A, member: "Film")
    @join__unionMember(graph: C, member: "Film")
    @join__unionMember(graph: C, member: "Pet") = Film | Pet
  type Pet @join__type(graph: C) { name: String thing: Thing }
`)

const schemas = createSubgraphSchemas(supergraph, readGraphs(supergraph))

test('each subgraph has its own types, fields, members and values, with its own types', () => {
  expect(shown(schemas('a'))).toBe(
    `
    schema { query: Root mutation: Change }
    directive @shown(at: Place) on FIELD
    type Root { node(where: Where, place: Place): Node _entities(representations: [_Any!]!): [_Entity]! }
    type Change { move(place: Place): Film }
    enum Place { HERE THERE }
    input Where { place: Place near: Int }
    interface Node { id: ID! }
    type Film implements Node { id: ID! title: String at: Place }
    union Thing = Film
    scalar _Any
    union _Entity = Film
  `
      .replace(/\s+/g, ' ')
      .trim(),
  )
})

test('an interface object is an object, and an entity', () => {
  expect(shown(schemas('b-2'))).toBe(
    `
    schema { query: Root }
    directive @shown(at: Place) on FIELD
    type Root { best: Node _entities(representations: [_Any!]!): [_Entity]! }
    enum Place { HERE }
    input Where { place: Place! }
    type Node { id: ID! stars: Int }
    scalar _Any
    union _Entity = Node
  `
      .replace(/\s+/g, ' ')
      .trim(),
  )
})

test('a subgraph without root fields and entities has no root', () => {
  expect(shown(schemas('c'))).toBe(
    `
    type Root
    type Film { id: ID! title: String! }
    union Thing = Film | Pet
    type Pet { name: String thing: Thing }
  `
      .replace(/\s+/g, ' ')
      .trim(),
  )
})

test('a schema is built once, and there is none of another subgraph', () => {
  expect(schemas('a')).toBe(schemas('a'))
  expect(schemas('A')).toBeUndefined()
})

function shown(schema: GraphQLSchema | undefined): string {
  return schema === undefined ? '' : printSchema(schema).replace(/\s+/g, ' ')
}
