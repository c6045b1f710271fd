import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { QueryPlanner } from '@graphql-hive/router-query-planner'
import { composeServices } from '@theguild/federation-composition'
import {
  buildASTSchema,
  type GraphQLSchema,
  Kind,
  lexicographicSortSchema,
  parse,
  printSchema,
  visit,
} from 'graphql'
import { buildPublicSchema } from '../../../federation/supergraph/publicSchema'
import { packageRoot } from '../../../lib/packagePaths'

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@inaccessible", "@tag",
  "@interfaceObject", "@cost", "@authenticated", "@requiresScopes", "@composeDirective", "@external", "@requires", "@override"])
`

const everything = [
  `${link}
  """Asked live."""
  directive @live("Milliseconds" ms: Int = 3) on QUERY | FIELD
  directive @internal on FIELD_DEFINITION
  type Query {
    "By id."
    a("The id" id: ID! = "1" @deprecated(reason: "once"), secret: Secret @inaccessible, tagged: Int @tag(name: "t")): A
    """
    A text
      of several lines.
    """
    union: U
    node: Node @deprecated(reason: "gone soon")
    e(e: E = ONE, list: [E!] = [ONE], in: In = { a: 1 }, none: [E!] = [], blank: In = {}): E
    media: Media
    private: Int @authenticated
    scoped: Int @requiresScopes(scopes: [["a"]])
    dear: Int @cost(weight: 3)
    hidden: Hidden @inaccessible
    url: Url
  }
  type Mutation { set(in: In!): A! }
  "The A."
  type A implements Node & Named @key(fields: "id") { id: ID! name: String hidden: Int @inaccessible tagged: Int @tag(name: "x") }
  type Hidden @inaccessible { a: Int }
  type B { b: Int }
  union U = A | B
  interface Node { id: ID! }
  interface Named implements Node { id: ID! name: String }
  enum E { "First" ONE TWO @inaccessible THREE @deprecated }
  "Input"
  input In { a: Int = 1 hidden: Int @inaccessible secret: Secret @inaccessible "d" d: [E!] = [ONE] @deprecated }
  input Secret @inaccessible { a: Int }
  scalar Url @specifiedBy(url: "https://example.org/url")
  scalar Lost @inaccessible
  interface Media @key(fields: "id") { id: ID! url: Url }
  type Book implements Media @key(fields: "id") { id: ID! url: Url }
  type Film implements Media @key(fields: "id") { id: ID! url: Url }`,
  `${link}
  directive @live("Milliseconds" ms: Int = 3) on QUERY | FIELD
  type Query { other: Int @shareable }
  type Media @interfaceObject @key(fields: "id") { id: ID! stars: Int hidden: Int @inaccessible }
  type A @key(fields: "id") { id: ID! more(first: Int = 10): [A!]! }`,
]

const renamed = [
  `extend schema
    @link(url: "https://specs.apollo.dev/link/v1.0")
    @link(url: "https://specs.apollo.dev/federation/v2.9", as: "fed", import: ["@key", { name: "@inaccessible", as: "@hidden" }])
  type Query { a: A b: B @hidden }
  type A @key(fields: "id") { id: ID! x: Int @hidden }
  type B @hidden { id: ID }`,
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type A @key(fields: "id") { id: ID! y: Int @federation__inaccessible z: Int }`,
]

const composedDirective = [
  `extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"])
    @link(url: "https://example.org/money/v1.0", import: ["@money"])
    @composeDirective(name: "@money")
  directive @money(unit: String) on FIELD_DEFINITION
  type Query { price: money__Amount @money(unit: "EUR") }
  type money__Amount { cents: Int }`,
]

describe('what clients see', () => {
  it.each([
    ['of the example', () => readFileSync(join(packageRoot, 'schema/supergraph.graphql'), 'utf8')],
    ['of everything that a schema may hold', () => compose(everything)],
    ['where directives have other names in subgraphs', () => compose(renamed)],
    ['where a subgraph brings its own directive to the supergraph', () => compose(composedDirective)],
  ])('is what the planner says: %s', (_, supergraphOf) => {
    const supergraphSdl = supergraphOf()
    expect(printed(buildPublicSchema(supergraphSdl))).toBe(printed(fromPlanner(supergraphSdl)))
  })

  it('is no name of federation, and nothing hidden', () => {
    const text = printed(buildPublicSchema(compose(everything)))
    expect(text).not.toMatch(/join__|link__|hidden|Hidden|secret|Secret|Lost|TWO|inaccessible|tag\b|cost/)
    expect(text).toContain('directive @live(')
  })
})

/** The planner's own consumer schema keeps what mentions a hidden type, and is no schema then. */
describe('what mentions something hidden goes with it', () => {
  it.each([
    [
      'a member of a union, an interface, an argument, an input field',
      `type Query { u: U z: Z a(i: In, h: Secret): Int }
      type A { a: Int } type B @inaccessible { b: Int } union U = A | B
      interface H @inaccessible { z: Int } type Z implements H { z: Int }
      input In { a: Int h: Secret } input Secret @inaccessible { a: Int }`,
      `type Query { u: U z: Z a(i: In): Int }
      type A { a: Int } union U = A
      type Z { z: Int }
      input In { a: Int }`,
    ],
    [
      'and a type that is empty then, with whatever mentions that',
      `type Query { a: Int outer: [Outer!]! u: U e(e: E, i: I): Int }
      type Outer { inner: Inner } type Inner { x: Int @inaccessible }
      union U = Outer | Inner enum E { A @inaccessible } input I { e: [E] }`,
      'type Query { a: Int e: Int }',
    ],
    [
      'a whole root type',
      'schema { query: Query mutation: M } type Query { a: Int } type M { b: Int @inaccessible }',
      'type Query { a: Int }',
    ],
    [
      'in types that are extended',
      'type Query { a: Int } extend type Query { b: Int @inaccessible c: B } type B @inaccessible { x: Int } extend type B { y: Int }',
      'type Query { a: Int }',
    ],
  ])('%s', (_, supergraphSdl, expected) => {
    expect(printed(buildPublicSchema(supergraphSdl))).toBe(printed(buildASTSchema(parse(expected))))
  })
})

describe('the directive that hides is known', () => {
  const inaccessible = 'https://specs.apollo.dev/inaccessible/v0.2'
  it.each([
    ['inaccessible', ''],
    ['federation__inaccessible', ''],
    ['inaccessible', `@link(url: "${inaccessible}", for: SECURITY)`],
    ['hidden', `@link(url: "${inaccessible}", as: "hidden")`],
    ['hidden', `@link(url: "${inaccessible}", import: [{ name: "@inaccessible", as: "@hidden" }])`],
    ['fed__inaccessible', '@link(url: "https://specs.apollo.dev/federation/v2.3", as: "fed")'],
    [
      'hidden',
      '@link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", { name: "@inaccessible", as: "@hidden" }])',
    ],
    ['hidden', `@core(feature: "${inaccessible}", as: "hidden")`],
  ])('as @%s, by %s', (name, schemaDirectives) => {
    const schema = buildPublicSchema(
      `schema ${schemaDirectives} { query: Query } type Query { a: Int b: Int @${name} }`,
    )
    expect(Object.keys(schema.getQueryType()!.getFields())).toEqual(['a'])
  })

  it('and one that is merely called like it is not', () => {
    const schema = buildPublicSchema(
      'schema @link(url: "https://example.org/own/v1.0", import: [{ name: "@inaccessible", as: "@mine" }]) { query: Query } type Query { a: Int @mine }',
    )
    expect(Object.keys(schema.getQueryType()!.getFields())).toEqual(['a'])
  })
})

it('types of a linked specification are for gateways, unless a subgraph has one that is called so', () => {
  const schema = buildPublicSchema(
    `schema @link(url: "https://specs.apollo.dev/join/v0.5", as: "j") @link(url: "https://specs.apollo.dev/policy/v0.1") { query: Query }
    scalar policy__Policy scalar j__FieldSet enum j__Graph { A } scalar link__Import
    type policy__Own @j__type(graph: A) { a: Int } type other__Type { a: Int }
    type Query @j__type(graph: A) { own: policy__Own other: other__Type }`,
  )
  expect(
    Object.keys(schema.getTypeMap())
      .filter((name) => /^[^_]+__/.test(name))
      .sort(),
  ).toEqual(['other__Type', 'policy__Own'])
})

function compose(subgraphs: readonly string[]): string {
  const result = composeServices(
    subgraphs.map((typeDefs, i) => ({ name: `s${i}`, typeDefs: parse(typeDefs), url: 'http://localhost' })),
  )
  if (result.supergraphSdl === undefined) throw new Error(String(result.errors))
  return result.supergraphSdl
}

function printed(schema: GraphQLSchema): string {
  return printSchema(lexicographicSortSchema(schema))
}

/** What the planner takes for the schema of clients, without introspection and what is for gateways. */
function fromPlanner(supergraphSdl: string): GraphQLSchema {
  const document = visit(parse(new QueryPlanner(supergraphSdl).consumerSchema), {
    Directive: ({ name }) => (['deprecated', 'specifiedBy', 'oneOf'].includes(name.value) ? undefined : null),
    FieldDefinition: ({ name }) => (name.value.startsWith('__') ? null : undefined),
  })
  const isShown = (definition: (typeof document.definitions)[number]) => {
    const name = 'name' in definition ? (definition.name?.value ?? '') : ''
    if (/^(join|link|core)?__|^(Boolean|Float|Int|ID|String)$/.test(name) || /^(join|link|core)__/.test(name))
      return false
    if (definition.kind !== Kind.DIRECTIVE_DEFINITION) return true
    const isBuiltIn = ['skip', 'include', 'deprecated', 'specifiedBy', 'oneOf'].includes(name)
    return !isBuiltIn && definition.locations.some(({ value }) => ['QUERY', 'FIELD'].includes(value))
  }
  return buildASTSchema({ kind: Kind.DOCUMENT, definitions: document.definitions.filter(isShown) })
}
