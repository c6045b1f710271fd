import { buildSchema, type GraphQLSchema, parse, validate } from 'graphql'
import { exampleQuery } from '../../../gateway/pages/exampleQuery'

/** The query for a graph whose predictions are named, as `Type.field`; empty if there is none. */
function queryFor(sdl: string, ...predictions: string[]): string {
  const apiSchema = buildSchema(sdl)
  const isPrediction = (type: string, field: string) => predictions.includes(`${type}.${field}`)
  return validated(apiSchema, exampleQuery({ apiSchema, isPrediction }))
}

function validated(schema: GraphQLSchema, query = ''): string {
  if (query !== '') expect(validate(schema, parse(query))).toEqual([])
  return query
}

it('asks for the prediction, with plain fields beside it and its outputs below', () => {
  const query = queryFor(
    `type Query { version: String payments: [Payment!]! }
    type Payment { id: ID! amount: Float! customer: Customer history(since: String!): String risk: Risk }
    type Customer { name: String }
    type Risk { probability: Float decision: String factors(first: Int!): [String] }`,
    'Payment.risk',
  )
  expect(query).toBe(`query Prediction {
  payments {
    id
    amount
    risk {
      probability
      decision
    }
  }
}
`)
})

it('prefers a prediction without arguments to a nearer one with some', () => {
  const query = queryFor(
    `type Query { score(text: String!): Float shop: Shop }
    type Shop { orders(first: Int, after: String): [Order!] }
    type Order { id: ID! returnRisk: Float }`,
    'Query.score',
    'Order.returnRisk',
  )
  expect(query).toContain('orders(first: 3)')
  expect(query).toContain('returnRisk')
  expect(query).not.toContain('score')
})

it('gives required arguments example values, of input objects too', () => {
  const query = queryFor(
    `type Query { score(id: ID!, kind: Kind!, rows: [Row!]!, limit: Int = 3, more: Boolean): Float }
    enum Kind { SHOES BOOKS }
    input Row { text: String! weight: Float! note: String, inner: Inner! }
    input Inner @oneOf { a: Int b: Int }
    directive @oneOf on INPUT_OBJECT`,
    'Query.score',
  )
  expect(query).toContain(
    'score(id: "1", kind: SHOES, rows: [{ text: "example", weight: 1, inner: { a: 1 } }])',
  )
})

it('does not guess values of scalars that it does not know', () => {
  const sdl = 'scalar Place\ntype Query { near(place: Place!): Float far: Far }\ntype Far { score: Float }'
  expect(queryFor(sdl, 'Query.near', 'Far.score')).toContain('far {\n    score')
  expect(queryFor(sdl, 'Query.near')).toBe('')
})

it('is none without predictions, and in a graph of circles', () => {
  const sdl = 'type Query { a: A me: Query }\ntype A { a: A b: B }\ntype B { a: [A!] size: Int }'
  expect(queryFor(sdl)).toBe('')
  expect(queryFor(sdl, 'B.size')).toContain('size')
})

it('does not ask for an output that needs an argument', () => {
  const sdl = 'type Query { score: Score other: Float }\ntype Score { of(k: Int!): Float }'
  expect(queryFor(sdl, 'Query.score')).toBe('')
  expect(queryFor(sdl, 'Query.score', 'Query.other')).toContain('other')
})

describe('of a field that somebody names', () => {
  const apiSchema = buildSchema(`
    scalar Place
    type Query { shop(id: ID!): Shop titles(first: Int! = 20, of: Kind!): [Title!]! near(place: Place!): Title }
    type Shop { titles: [Title!]! owner: Person }
    type Person { shop: Shop! name: String score(when: String): Float }
    type Title { id: ID! rating: Float other: Float sold(at: Place!): Int }
    type Lost { score: Float }
    enum Kind { FILM SERIES }
  `)
  const isPrediction = (type: string, field: string) => type === 'Title' && field !== 'id'
  const queryOf = (coordinate: string) => {
    const query = exampleQuery(
      { apiSchema, isPrediction },
      (type, field) => coordinate === `${type}.${field}`,
      '"text"',
    )
    return validated(apiSchema, query)
  }

  it.each([
    ['Title.rating', 'titles(first: 3, of: FILM) {\n    id\n    rating\n  }'],
    ['Title.sold', 'titles(first: 3, of: FILM) {\n    id\n    sold(at: "text")\n  }'],
    ['Person.score', 'shop(id: "1") {\n    owner {\n      name\n      score\n    }\n  }'],
    ['Query.near', 'near(place: "text") {\n    id\n    rating\n    other\n  }'],
  ])('reaches %s', (field, query) => {
    expect(queryOf(field)).toBe(`query Prediction {\n  ${query}\n}\n`)
  })

  it('has none for what nothing leads to', () => {
    expect(queryOf('Lost.score')).toBe('')
    expect(queryOf('Title.absent')).toBe('')
  })
})

it('knows no example of a scalar whose name every object inherits', () => {
  const sdl = 'scalar toString type Query { rating(by: toString!): Int }'
  expect(queryFor(sdl, 'Query.rating')).toBe('')
})
