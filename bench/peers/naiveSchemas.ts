import DataLoader from 'dataloader'
import {
  openAbuseScore,
  openRatingPredictor,
  readMessages,
  readTitles,
  type TitleRow,
} from '../exampleModels'

/** A page of a list, as every resolver of these schemas takes it. */
interface Page {
  readonly first: number
  readonly skip?: number
}

/** One schema, and what each request's resolvers share. */
export interface NaiveSchema {
  readonly typeDefs: string
  readonly resolvers: Record<string, Record<string, unknown>>
  createContext(): object
}

/** What a team writes that reads the tutorials: a resolver per prediction, a DataLoader per request, the model in its batch function. */
export const naiveSchemas: Readonly<Record<string, () => Promise<NaiveSchema>>> = {
  /** One server for all, without federation. */
  async all() {
    const [trust, catalog, recommendations] = await Promise.all([
      naiveSchemas.trust(),
      naiveSchemas.catalog(),
      naiveSchemas.recommendations(),
    ])
    return {
      typeDefs: `
        type Query { messages(first: Int!, skip: Int): [Message!]! titles(first: Int!, skip: Int): [Title!]! }
        type Message { id: ID! abuse: AbuseScore }
        type AbuseScore { probability: Float }
        type Title { id: ID! year: Int genres: [String!]! predictedRating(memberId: ID!): Float }`,
      resolvers: {
        Query: { ...trust.resolvers.Query, ...catalog.resolvers.Query },
        Message: trust.resolvers.Message,
        Title: recommendations.resolvers.Title,
      },
      createContext: () => ({ ...trust.createContext(), ...recommendations.createContext() }),
    }
  },

  async trust() {
    const rows = readMessages()
    const score = await openAbuseScore()
    return {
      typeDefs: `
        type Query { messages(first: Int!, skip: Int): [Message!]! }
        type Message @key(fields: "id") { id: ID! abuse: AbuseScore }
        type AbuseScore { probability: Float }`,
      resolvers: {
        Query: { messages: (_: unknown, { first, skip = 0 }: Page) => rows.slice(skip, skip + first) },
        Message: {
          abuse: (message: MessageRow, _: unknown, { scores }: { scores: Scores }) => scores.load(message),
        },
      },
      createContext: () => ({
        scores: new DataLoader(async (messages: readonly MessageRow[]) => {
          const values = await score(messages)
          return Array.from(values, (probability) => ({ probability }))
        }),
      }),
    }
  },

  async catalog() {
    const rows = readTitles()
    return {
      typeDefs: `
        type Query { titles(first: Int!, skip: Int): [Title!]! }
        type Title @key(fields: "id") { id: ID! year: Int genres: [String!]! }`,
      resolvers: {
        Query: { titles: (_: unknown, { first, skip = 0 }: Page) => rows.slice(skip, skip + first) },
      },
      createContext: () => ({}),
    }
  },

  async recommendations() {
    const rate = await openRatingPredictor()
    return {
      typeDefs: `
        type Title @key(fields: "id") {
          id: ID!
          year: Int @external
          genres: [String!]! @external
          predictedRating(memberId: ID!): Float @requires(fields: "year genres")
        }`,
      resolvers: {
        Title: {
          predictedRating: (
            title: TitleRow,
            { memberId }: { memberId: string },
            context: { ratings: Ratings },
          ) => context.ratings.load({ memberId, title }),
        },
      },
      createContext: () => ({
        ratings: new DataLoader(
          async (keys: readonly RatingKey[]) =>
            Array.from(
              await rate(
                keys.map(({ memberId }) => memberId),
                keys.map(({ title }) => title),
              ),
            ),
          { cacheKeyFn: ({ memberId, title }) => `${memberId} ${title.id}` },
        ),
      }),
    }
  },
}

interface RatingKey {
  readonly memberId: string
  readonly title: TitleRow
}

type MessageRow = ReturnType<typeof readMessages>[number]
type Scores = DataLoader<MessageRow, { readonly probability: number }>
type Ratings = DataLoader<RatingKey, number, string>
