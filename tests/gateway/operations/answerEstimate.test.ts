import { parse, valueFromASTUntyped } from 'graphql'
import { normalize } from '../../../federation/operations/normalize'
import { readListSizes } from '../../../federation/supergraph/listSizes'
import { compileEstimate } from '../../../gateway/operations/compileOperation'
import { readShape } from '../../../gateway/operations/documentShape'
import { asked } from '../../federation/operations/asked'

const directives = `
  directive @link(url: String, import: [String]) on SCHEMA
  directive @predict(objective: String) on FIELD_DEFINITION
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!]) on FIELD_DEFINITION`
const sdl = `${directives}
  schema @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@listSize"]) { query: Query }
  type Query {
    titles(first: Int, ids: [ID!]): [Title!]!
    page(limit: Int = 50): [Title]
    all(limit: Int = -1): [Title]
    top(count: Int): [Title] @listSize(assumedSize: 7, slicingArguments: ["count"])
    connection(first: Int): Titles @listSize(slicingArguments: ["first"], sizedFields: ["edges"])
    best(first: Int = 5000, ids: [ID!]): [Title] @predict(objective: "BEST")
    one: Title
    things: [Thing]
    node: Node
  }
  interface Node { id: ID one: Title next: Node others(first: Int): [Node] }
  type Odd implements Node { id: ID one: Title next: Node others(first: Int): [Node] }
  type Even implements Node { id: ID one: Title next: Node others(first: Int): [Node] }
  type Zero implements Node { id: ID one: Title next: Node others(first: Int): [Node] }
  type Titles { edges: [Edge] total: Int }
  type Edge { node: Title }
  type Title { id: ID name: String tags: [String] similar(first: Int): [Title] }
  union Thing = Title | Edge`

const sizes = readListSizes(parse(sdl))

/** `told` is called for each value of an argument that is read. */
function estimate(text: string, variables: Record<string, unknown> = {}, most = 0, told = () => {}) {
  const operation = asked(sdl, text, variables)
  const { root } = normalize(operation, 'compact')
  const { literals } = readShape(parse(text))
  const compiled = compileEstimate(root, sizes, most)
  return (
    compiled && {
      values: compiled.values(({ source }) => {
        told()
        if (source.kind === 'literal') return source.read(literals[source.number])
        return source.kind === 'variable' ? variables[source.name] : valueFromASTUntyped(source.value)
      }),
    }
  )
}

test.each([
  ['{ titles(first: 10) { id } }', 1 + 10 * 2],
  ['{ titles(first: 10) { a: id b: name c: name } }', 1 + 10 * 4],
  ['{ titles { id } }', 1 + 2],
  ['{ titles(ids: ["1", "2", "3"]) { id } }', 1 + 3 * 2],
  ['{ titles(ids: ["1", "2", "3"], first: 2) { id } }', 1 + 2 * 2],
  ['{ page { id } }', 1 + 50 * 2],
  ['{ page(limit: 5) { id } }', 1 + 5 * 2],
  ['{ all { similar(first: 9) { id } } }', 1 + 1 + 1 + 9 * 2],
  ['{ all(limit: -1) { similar(first: 9) { id } } }', 1 + 1 + 1 + 9 * 2],
  ['{ top { id } }', 1 + 7 * 2],
  ['{ top(count: 3) { id } }', 1 + 3 * 2],
  ['{ connection(first: 9) { total edges { node { id } } } }', 1 + 1 + 1 + 9 * (1 + 1 + 1)],
  ['{ best(first: 20) { id } }', 1 + 20 * 2],
  // Its objective refuses the row, not the estimate the request.
  ['{ best(first: 2147483647) { id } }', 1 + 1000 * 2],
  ['{ best { id } }', 1 + 1000 * 2],
  ['{ one { id name } }', 3],
  ['{ titles(first: 10) { similar(first: 20) { id } } }', 1 + 10 * (1 + 1 + 20 * 2)],
  ['{ things { ... on Title { similar(first: 4) { id } } ... on Edge { node { id } } } }', 1 + 1 + 1 + 4 * 2],
])('%s has about %i values', (text, values) => {
  expect(estimate(text)).toEqual({ values })
})

test('variables count as what they are', () => {
  const text = 'query ($n: Int, $ids: [ID!]) { titles(first: $n, ids: $ids) { id } }'
  expect(estimate(text, { n: 100 })).toEqual({ values: 201 })
  expect(estimate(text, { ids: ['1', '2'] })).toEqual({ values: 5 })
  expect(estimate(text, {})).toEqual({ values: 3 })
})

test('nothing is estimated where no argument can make the answer too large', () => {
  expect(estimate('{ one { id name } }', {}, 3)).toBeUndefined()
  expect(estimate('{ one { id name } }', {}, 2)).toEqual({ values: 3 })
})

test('places that several types share, level by level, are counted once', () => {
  const nested = (field: string) => `${`${field} { `.repeat(30)}id${' }'.repeat(30)}`
  expect(estimate(`{ node { ${nested('next')} } }`)).toEqual({ values: 1 + 30 + 1 })
  const text = `query ($n: Int) { node { ${nested('others(first: $n)')} } }`
  expect(estimate(text, { n: 1 })).toEqual({ values: 1 + 30 * 2 + 1 })
})

test.each([
  ['types', '{ node { one { a: similar(first: $n) { id } b: similar(first: $n) { id } } } }', 2],
  [
    'uses of a fragment',
    '{ one { a: similar { ...In } b: similar { ...In } } } fragment In on Title { similar { similar(first: $n) { id } } }',
    1,
  ],
])('what several %s share is counted once for a request', (_, text, reads) => {
  const told = jest.fn()
  expect(estimate(`query ($n: Int) ${text}`, { n: 3 }, 0, told)).toBeDefined()
  expect(told).toHaveBeenCalledTimes(reads)
})
