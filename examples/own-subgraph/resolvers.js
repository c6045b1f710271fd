/** What the watchlist knows by itself; a database elsewhere. */
const entries = [
  { memberId: '12', titleId: '858', addedOn: '2024-02-01', note: 'with Anna' },
  { memberId: '12', titleId: '1', addedOn: '2024-02-03', note: null },
  { memberId: '12', titleId: '318', addedOn: '2024-03-17', note: null },
  { memberId: '13', titleId: '318', addedOn: '2024-03-20', note: 'again' },
]

/**
 * Resolvers of all fields but `Title.expectedRating`, which is predicted. Under this name `presage compose` finds and checks
 * them too, and `presage subgraph watchlist` could serve them.
 */
exports.createResolvers = () => ({
  Query: {
    watchlist: (_, { memberId }) => entries.filter((entry) => entry.memberId === memberId),
  },
  WatchlistEntry: {
    title: ({ titleId }) => ({ id: titleId }),
  },
  Title: {
    watchlistedBy: ({ id }) => entries.filter((entry) => entry.titleId === id).length,
  },
})
