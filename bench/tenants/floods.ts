/** What the flooding tenant asks. */
export interface Flood {
  readonly title: string
  /** The version that answers. */
  readonly model: string
  /** Predictions a request. */
  readonly rows: number
  /** Connections that find out how many requests a second the deployment can answer. */
  readonly clients: number
  /** Of the workers. */
  readonly shard: object
}

export const floods: Readonly<Record<string, Flood>> = {
  requests: {
    title: 'many requests of 100 rows for a quick model: the event loops are the bottleneck',
    model: 'abuse-score@2',
    rows: 100,
    clients: 32,
    shard: {},
  },
  runs: {
    title:
      'requests of 8 rows, a whole batch, for a slow model: its workers, one a process, are the bottleneck',
    model: 'slow-mlp@1',
    // As many as a batch takes, so that a flood does not make runs longer.
    rows: 8,
    clients: 3,
    // The neighbour's quick model would run on the HTTP thread, and wait for nobody.
    shard: { kind: 'thread', workers: 1, inline: 'never' },
  },
}

/** The nth request of the flood. */
export function floodBody({ rows }: Flood, n: number): string {
  const query = 'query ($n: Int!, $s: Int) { messages(first: $n, skip: $s) { id abuse { probability } } }'
  return JSON.stringify({ query, variables: { n: rows, s: (n * 7) % (300 - rows) } })
}

/** What the neighbour asks, of another model. */
export const question = JSON.stringify({
  query: '{ titles(first: 5) { id predictedRating(memberId: "1") } }',
})
