import type { CreateResolvers } from '../../serving/fields/subgraphModule'
import { type PageArgs, page } from '../page'
import { ownRows } from '../rows'

interface RatingRow {
  readonly titleId: number
  readonly rating: number
  /** Seconds since 1970. */
  readonly timestamp: number
}

interface Member {
  readonly id: string
  readonly ratings: readonly RatingRow[]
}

const LIKED_FROM = 4

export const createResolvers: CreateResolvers = (settings) => {
  const rows = ownRows<{ id: number; history: RatingRow[] }>(settings, 'members', 'members')
  const members = rows.map((row): Member => ({ id: String(row.id), ratings: row.history }))
  const byId = new Map(members.map((member) => [member.id, member]))

  return {
    Query: {
      member: (_: unknown, { id }: { id: string }) => byId.get(id) ?? null,
      members: (_: unknown, args: PageArgs) => page(members, args, 20),
    },
    Member: {
      __resolveReference: ({ id }: { id: string }) => byId.get(id) ?? null,
      history: ({ ratings }: Member, args: PageArgs) => {
        return page(ratings, args, ratings.length)
      },
      likedTitleIds: ({ ratings }: Member) => {
        return ratings.filter((rating) => rating.rating >= LIKED_FROM).map((rating) => rating.titleId)
      },
      ratedTitleIds: ({ ratings }: Member) => ratings.map((rating) => rating.titleId),
    },
    Rating: {
      stars: ({ rating }: RatingRow) => rating,
      ratedAt: ({ timestamp }: RatingRow) => new Date(timestamp * 1000).toISOString(),
      title: ({ titleId }: RatingRow) => ({ id: titleId }),
    },
  }
}
