import { readFileSync } from 'node:fs'

/** `settings` come from `subgraphs.members` in presage.yaml. */
export function createResolvers(settings) {
  const members = JSON.parse(readFileSync(settings.members, 'utf8'))
  const byId = new Map(members.map((member) => [member.id, member]))
  return {
    Query: {
      member: (_, { id }) => byId.get(id) ?? null,
    },
    Member: {
      watchlist: ({ watchlist }) => watchlist.map((id) => ({ id })),
      __resolveReference: ({ id }) => byId.get(id) ?? null,
    },
  }
}
