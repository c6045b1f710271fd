import type { CreateResolvers } from '../../serving/fields/subgraphModule'
import { page } from '../page'
import { readRows, requireSetting } from '../rows'

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
  const members = readRows<{ id: number; history: RatingRow[] }>(
    requireSetting(settings, 'members', 'members'),
    'members',
  ).map((row): Member => ({ id: String(row.id), ratings: row.history }))
  const byId = new Map(members.map((member) => [member.id, member]))

  return {
    Query: {
      member: (_: unknown, { id }: { id: string }) => byId.get(id) ?? null,
      members: (_: unknown, args: { first?: number | null; skip?: number | null }) => page(members, args, 20),
    },
    Member: {
      __resolveReference: ({ id }: { id: string }) => byId.get(id) ?? null,
      history: ({ ratings }: Member, args: { first?: number | null; skip?: number | null }) => {
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
