import { GraphQLScalarType } from 'graphql'
import { checkResolvers } from '../../../schema/compile/checkResolvers'
import { compilePlan } from '../../../schema/compile/compilePlan'
import { buildSubgraph } from '../../../schema/sdl/subgraph'
import { catalog, objective, output, subgraph } from '../fixture'

const films = subgraph(
  'films',
  `type Query { titles: [Title!] fit(minutes: Int): Float @predict(objective: "WATCH_FIT") }
   type Title @key(fields: "id") { id: ID! name: String mood: Mood }
   enum Mood { DARK LIGHT }
   union Found = Title
   scalar Date`,
)
const watchFit = objective('WATCH_FIT', { minutes: 'Int = 90' }, [output('fit', 'Float')])
const plan = compilePlan([films], catalog({ objectiveList: [watchFit] }))
const built = buildSubgraph(films)
const titles = () => []

function problems(resolvers: Record<string, object>): string[] {
  return checkResolvers(built, resolvers, plan).problems.map((line) =>
    line.replace('subgraphs/films/schema.graphql: ', ''),
  )
}

it('takes resolvers of fields, references, enum values and scalars', () => {
  const date = new GraphQLScalarType({ name: 'Date' })
  const title = { name: () => 'x', __resolveReference: () => null }
  expect(problems({ Query: { titles }, Title: title, Mood: { DARK: 1 }, Date: date })).toEqual([])
})

it('refuses a resolver of a type or field that the schema lacks, and says what was meant', () => {
  expect(problems({ Query: { titles }, Titel: {}, Title: { nmae: () => 'x' }, Mood: { DRAK: 1 } })).toEqual([
    'resolvers of Titel: must be of a type of the schema, got none; did you mean "Title"?',
    'resolver of Title.nmae: must be of a field of the schema, got none; did you mean "name"?',
    'resolver of Mood.DRAK: must be of a field of the schema, got none; did you mean "DARK"?',
  ])
})

it('refuses a name with two underscores that the library does not know, which nobody would ever call', () => {
  const title = { __resolveReferences: () => [], __isTypeOf: () => true }
  const found = { __resolveTypes: () => 'Title' }
  expect(problems({ Query: { titles }, Title: title, Found: found })).toEqual([
    'resolver of Title.__resolveReferences: must be of a field of the schema, got none; did you mean "__resolveReference"?',
    'resolver of Found.__resolveTypes: must be of a field of the schema, got none; did you mean "__resolveType"?',
  ])
})

it('reports a root field that neither a resolver nor a model answers', () => {
  expect(checkResolvers(built, { Query: { titles } }, plan).report).toEqual([])
  expect(checkResolvers(built, { Title: {} }, plan)).toEqual({
    problems: [],
    report: ['Query.titles of films has neither a resolver nor @predict and is always null'],
  })
})

it('says of a subgraph without resolvers that another server must answer', () => {
  expect(checkResolvers(built, {}, plan)).toEqual({
    problems: [],
    report: ['films has no resolvers here, so a server of its own must answer Query.titles'],
  })
})
