import DataLoader from 'dataloader'
import {
  openAbuseScore,
  openRatingPredictor,
  readMembers,
  readMessages,
  readTitles,
  type TitleRow,
} from '../exampleModels'
import { openRecommender, type Rated, type Recommended, ratedBy } from '../recommender'
import { fiveSchemas } from './fiveSchemas'
import type { OpenSchema, Page } from './naiveSchema'

/** What a team writes that reads the tutorials: a resolver per prediction, a DataLoader per request, the model in its batch function. */
export const naiveSchemas: Readonly<Record<string, OpenSchema>> = {
  async trust({ ABUSE_SCORE }) {
    const rows = readMessages()
    const score = await openAbuseScore(ABUSE_SCORE)
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
        type Title @key(fields: "id") { id: ID! name: String year: Int genres: [String!]! }`,
      resolvers: {
        Query: { titles: (_: unknown, { first, skip = 0 }: Page) => rows.slice(skip, skip + first) },
        Title: { name: ({ title }: TitleRow) => title },
      },
      createContext: () => ({}),
    }
  },

  async members() {
    const rows = readMembers().map((member) => ({ id: member.id, ...ratedBy(member) }))
    const byId = new Map(rows.map((row) => [String(row.id), row]))
    return {
      typeDefs: `
        type Query { members(first: Int!, skip: Int): [Member!]! }
        type Member @key(fields: "id") { id: ID! likedTitleIds: [ID!]! ratedTitleIds: [ID!]! }`,
      resolvers: {
        Query: { members: (_: unknown, { first, skip = 0 }: Page) => rows.slice(skip, skip + first) },
        Member: { __resolveReference: ({ id }: { id: string }) => byId.get(id) ?? null },
      },
      createContext: () => ({}),
    }
  },

  async recommendations({ RECOMMEND_TITLES }) {
    const recommend = await openRecommender(RECOMMEND_TITLES)
    return {
      typeDefs: `
        type Member @key(fields: "id") {
          id: ID!
          likedTitleIds: [ID!]! @external
          ratedTitleIds: [ID!]! @external
          recommendedTitles(first: Int = 10): [RecommendedTitle!]
            @requires(fields: "likedTitleIds ratedTitleIds")
        }
        type RecommendedTitle { title: Title score: Float }
        type Title @key(fields: "id", resolvable: false) { id: ID! }`,
      resolvers: {
        Member: {
          recommendedTitles: (
            member: RatedMember,
            { first }: { first: number },
            { lists }: { lists: Lists },
          ) => lists.load({ member, first }),
        },
      },
      createContext: () => ({
        lists: new DataLoader<ListKey, Recommended[], string>(
          (keys) =>
            recommend(
              keys.map(({ member }) => member),
              keys[0].first,
            ),
          { cacheKeyFn: ({ member }) => String(member.id) },
        ),
      }),
    }
  },

  async ratings({ PREDICT_RATING }) {
    const rate = await openRatingPredictor(PREDICT_RATING)
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

  ...fiveSchemas,
}

interface RatedMember extends Rated {
  readonly id: string
}

interface ListKey {
  readonly member: RatedMember
  readonly first: number
}

interface RatingKey {
  readonly memberId: string
  readonly title: TitleRow
}

type MessageRow = ReturnType<typeof readMessages>[number]
type Scores = DataLoader<MessageRow, { readonly probability: number }>
type Ratings = DataLoader<RatingKey, number, string>
type Lists = DataLoader<ListKey, Recommended[], string>
