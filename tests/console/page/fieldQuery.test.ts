import { buildSchema, introspectionFromSchema, parse, validate } from 'graphql'
import { fieldQuery } from '../../../console/page/objectives/fieldQuery'

const schema = buildSchema(`
  type Query {
    shop(id: ID!): Shop
    titles(first: Int! = 20, of: Kind!): [Title!]!
    risk(payment: PaymentInput!, at: [Float!]!): Risk
  }
  type Shop { titles: [Title!]! owner: Person }
  type Person { shop: Shop! score(when: String): Float }
  type Title { id: ID! rating(memberId: ID!): Float }
  type Risk { decision: Decision probability: Float because(limit: Int!): String of: Title }
  type Lost { score: Float }
  enum Kind { FILM SERIES }
  enum Decision { YES NO }
  input PaymentInput { amount: Float! note: String terms: Terms! }
  input Terms { months: Int! weekly: Boolean! }
`)
const graph = introspectionFromSchema(schema).__schema

it.each([
  ['Title.rating', '{\n  titles(first: 3, of: FILM) {\n    rating(memberId: "1")\n  }\n}'],
  ['Person.score', '{\n  shop(id: "1") {\n    owner {\n      score\n    }\n  }\n}'],
  [
    'Query.risk',
    '{\n  risk(payment: { amount: 1, terms: { months: 1, weekly: false } }, at: [1]) { decision probability }\n}',
  ],
])('reaches %s', (field, query) => {
  expect(fieldQuery(graph, field)).toBe(query)
  expect(validate(schema, parse(query))).toEqual([])
})

it('has no query for what nothing leads to', () => {
  expect(fieldQuery(graph, 'Lost.score')).toBeUndefined()
  expect(fieldQuery(graph, 'Title.absent')).toBeUndefined()
})
