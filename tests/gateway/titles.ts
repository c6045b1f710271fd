import { GraphQLError } from 'graphql'
import { federate, linkPredict, type Subgraph } from './federate'

export const titleIds = Array.from({ length: 100 }, (_, i) => String(i))

interface TitleReference {
  readonly id: string
  readonly year?: number | null
  readonly genres?: readonly string[] | null
}

/** Predicts from what it is given, so that a wrong input shows in the value. */
export const recommendations: Subgraph = {
  typeDefs: `${linkPredict}
    type Title @key(fields: "id") {
      id: ID!
      year: Int @external
      genres: [String!]! @external
      predictedRating(memberId: ID!): Float @requires(fields: "genres year") @predict(objective: "PREDICT_RATING")
      mood: String @requires(fields: "genres") @predict(objective: "MOOD")
      slug: String
    }`,
  resolvers: {
    Title: {
      predictedRating: (title: TitleReference, { memberId }: { memberId: string }) =>
        Number(memberId) + (title.year ?? -1) + (title.genres?.length ?? -1) / 10,
      mood: (title: TitleReference) => title.genres?.join('+'),
      slug: ({ id }: TitleReference) => `title-${id}`,
    },
  },
}

/** Resolvers of one title's field; the default answers well. */
export interface CatalogFaults {
  year?(id: string): number | null
  genres?(id: string): string[] | null
  titles?: readonly string[]
  resolveReference?(title: { readonly id: string }): unknown
}

export function catalog(faults: CatalogFaults = {}): Subgraph {
  return {
    typeDefs: `
      type Query { titles: [Title!]! title(id: ID!): Title }
      type Title @key(fields: "id") { id: ID! name: String year: Int genres: [String!]! }`,
    resolvers: {
      Query: {
        titles: () => (faults.titles ?? titleIds).map((id) => ({ id })),
        title: (_: unknown, { id }: { id: string }) => ({ id }),
      },
      Title: {
        ...(faults.resolveReference && { __resolveReference: faults.resolveReference }),
        name: ({ id }: TitleReference) => `Title ${id}`,
        year: ({ id }: TitleReference) => (faults.year ? faults.year(id) : 2000),
        genres: ({ id }: TitleReference) => (faults.genres ? faults.genres(id) : ['drama']),
      },
    },
  }
}

export function streaming(faults?: CatalogFaults) {
  return federate({ catalog: catalog(faults), recommendations })
}

export function fail(what: string): never {
  throw new GraphQLError(`${what} is broken`, { extensions: { code: 'BROKEN' } })
}

export function failFor(...ids: string[]): (id: string) => number {
  return (id) => (ids.includes(id) ? fail(`year of ${id}`) : 2000)
}
