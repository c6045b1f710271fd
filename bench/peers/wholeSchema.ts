import type { Endpoint } from '../cases'
import type { OpenSchema } from './naiveSchema'
import { naiveSchemas } from './naiveSchemas'

/** The naive subgraphs that a question needs, by its endpoint. */
export const naiveSubgraphs: Readonly<Record<Endpoint, readonly string[]>> = {
  messages: ['trust'],
  titles: ['catalog', 'ratings'],
  members: ['members', 'recommendations'],
  five: ['catalog', 'stock', 'ratings', 'reviews', 'rentals'],
}

const typeDefs: Readonly<Record<Endpoint, string>> = {
  messages: `
    type Query { messages(first: Int!, skip: Int): [Message!]! }
    type Message { id: ID! abuse: AbuseScore }
    type AbuseScore { probability: Float }`,
  titles: `
    type Query { titles(first: Int!, skip: Int): [Title!]! }
    type Title { id: ID! name: String predictedRating(memberId: ID!): Float }`,
  members: `
    type Query { members(first: Int!, skip: Int): [Member!]! }
    type Member { id: ID! recommendedTitles(first: Int = 10): [RecommendedTitle!] }
    type RecommendedTitle { title: Title score: Float }
    type Title { id: ID! }`,
  five: `
    type Query { titles(first: Int!, skip: Int): [Title!]! }
    type Title {
      id: ID! name: String copies: Int predictedRating(memberId: ID!): Float review: Review rental: Rental
    }
    type Review { id: ID! abuse: ScoreReview }
    type Rental { id: ID! risk: ScoreRental }
    type ScoreReview { probability: Float }
    type ScoreRental { probability: Float }`,
}

/** One server for a question, without federation: the resolvers of its subgraphs side by side. */
export function openWhole(endpoint: Endpoint): OpenSchema {
  return async (models) => {
    const parts = await Promise.all(naiveSubgraphs[endpoint].map((name) => naiveSchemas[name](models)))
    const resolvers: Record<string, Record<string, unknown>> = {}
    for (const part of parts) {
      for (const [type, fields] of Object.entries(part.resolvers)) {
        resolvers[type] = { ...resolvers[type], ...fields }
      }
    }
    return {
      typeDefs: typeDefs[endpoint],
      resolvers,
      createContext: () => Object.assign({}, ...parts.map((part) => part.createContext())) as object,
    }
  }
}
