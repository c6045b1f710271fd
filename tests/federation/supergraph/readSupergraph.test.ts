import { readFileSync } from 'node:fs'
import { print } from 'graphql'
import { readSupergraph } from '../../../federation/supergraph/readSupergraph'
import { composeGraph } from '../checkGraph'

const supergraph = readSupergraph(
  composeGraph({
    films: `
      type Query { media: [Media] first: Film @provides(fields: "award") }
      interface Media @key(fields: "id") { id: ID! title: String }
      type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int award: String @external }
      type Book implements Media @key(fields: "id") @key(fields: "shelf { row } place", resolvable: false) {
        id: ID! title: String shelf: Shelf place: Int
      }
      type Shelf { row: Int }`,
    stars: `
      type Query { best: Media }
      type Media @key(fields: "id") @interfaceObject {
        id: ID! title: String @external stars: Int slogan: String @requires(fields: "title")
      }`,
    awards:
      'type Film @key(fields: "id") { id: ID! award: String @shareable minutes: Int @override(from: "films") }',
  }),
)

test('names the subgraphs, and what a condition on a type lets through', () => {
  expect([...supergraph.subgraphs].sort()).toEqual(['awards', 'films', 'stars'])
  expect([...supergraph.possibleTypes('Media')].sort()).toEqual(['Book', 'Film', 'Media'])
  expect([...supergraph.possibleTypes('Film')]).toEqual(['Film'])
})

test('knows which fields are predictions, also through an interface', () => {
  const example = readSupergraph(readFileSync('schema/supergraph.graphql', 'utf8'))
  expect(example.isPrediction('Title', 'predictedRating')).toBe(true)
  expect(example.isPrediction('Title', 'name')).toBe(false)
  const requires = example.requiredBy('recommendations', 'Title', 'predictedRating')
  expect(requires && print(requires)).toBe('{\n  genres\n  year\n}')
  expect(example.isKeyField('recommendations', 'Title', 'id')).toBe(true)
  expect(example.isKeyField('recommendations', 'Title', 'year')).toBe(false)
})

test('an object is represented by its type, or by the interface object that stands for it', () => {
  expect(supergraph.typenameFor('films', 'Film')).toBe('Film')
  expect(supergraph.typenameFor('stars', 'Film')).toBe('Media')
  expect(supergraph.typenameFor('stars', 'Media')).toBe('Media')
  expect(supergraph.typenameFor('awards', 'Book')).toBeUndefined()
  expect(supergraph.typenameFor('awards', 'Media')).toBeUndefined()
  expect(supergraph.typenameFor('awards', 'Nothing')).toBeUndefined()
})

test('what an interface object requires and is found by is known of the types behind it', () => {
  const requires = supergraph.requiredBy('stars', 'Film', 'slogan')
  expect(requires && print(requires)).toBe('{\n  title\n}')
  expect(supergraph.isKeyField('stars', 'Film', 'id')).toBe(true)
  expect(supergraph.isInterfaceObject('stars', 'Media')).toBe(true)
  expect(supergraph.isInterfaceObject('films', 'Media')).toBe(false)
})

test('what may stand where a subgraph answers a type', () => {
  expect(supergraph.objects('films', 'Media')).toEqual([
    { typename: 'Film', types: ['Film'] },
    { typename: 'Book', types: ['Book'] },
  ])
  expect(supergraph.objects('stars', 'Media')).toEqual([{ typename: 'Media', types: ['Film', 'Book'] }])
  expect(supergraph.objects('stars', 'Film')).toEqual([])
  expect(supergraph.objects('nowhere', 'Film')).toEqual([])
})

test('the fields of a subgraph: external, moved elsewhere, provided', () => {
  const plain = { isExternal: false, isElsewhere: false, requires: undefined, provides: undefined }
  expect(supergraph.field('films', 'Film', 'title')).toEqual(plain)
  expect(supergraph.field('films', 'Film', 'award')).toEqual({ ...plain, isExternal: true })
  expect(supergraph.field('films', 'Film', 'stars')).toBeUndefined()
  expect(supergraph.field('stars', 'Film', 'title')).toBeUndefined()
  expect(supergraph.field('stars', 'Media', 'title')).toMatchObject({ isExternal: true })
  expect(supergraph.field('films', 'Film', 'minutes')).toBeUndefined()
  expect(supergraph.field('awards', 'Film', 'minutes')).toEqual(plain)
  const provides = supergraph.field('films', 'Query', 'first')?.provides
  expect(provides && print(provides)).toBe('{\n  award\n}')
})

test('the keys of a subgraph, and whether it finds entities by them', () => {
  const keys = supergraph.keys('films', 'Book')
  expect(keys.map(({ isResolvable }) => isResolvable)).toEqual([true, false])
  expect(keys.map(({ selectionSet }) => print(selectionSet).replace(/\s+/g, ' '))).toEqual([
    '{ id }',
    '{ shelf { row } place }',
  ])
  expect(supergraph.keys('films', 'Shelf')).toEqual([])
})

test('fields in braces, which composition leaves as they are written', () => {
  const { keys, requiredBy } = readSupergraph(
    composeGraph({
      a: 'type Query { t: T } type T @key(fields: " { id }") { id: ID! x: Int }',
      b: 'type T @key(fields: "{ id }") { id: ID! x: Int @external y: Int @requires(fields: "{ x }") }',
    }),
  )
  expect(keys('a', 'T').map(({ selectionSet }) => print(selectionSet))).toEqual(['{\n  id\n}'])
  expect(print(requiredBy('b', 'T', 'y')!)).toBe('{\n  x\n}')
})

test('what is known of types of the supergraph is kept, and nothing of the names that a subgraph may answer', () => {
  expect(supergraph.keys('films', 'Film')).toBe(supergraph.keys('films', 'Film'))
  expect(supergraph.keys('films', 'Nothing')).toEqual([])
  expect(supergraph.keys('films', 'Nothing')).not.toBe(supergraph.keys('films', 'Nothing'))
})
