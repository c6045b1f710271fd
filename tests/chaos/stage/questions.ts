/** What a well-behaved client asks. Few at a time: it is no load, but wants to be answered. */
export interface Question {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
}

const numbers = [0, 1, 2, 3, 4, 5, 6, 7]

/** Of the subgraph `catalog` alone. */
export const names: readonly Question[] = numbers.map((n) => ({
  query: 'query ($s: Int) { titles(first: 2, skip: $s) { id name } }',
  variables: { s: 3 * n },
}))

/** Of the subgraphs `catalog` and `recommendations`. */
export const ratings: readonly Question[] = numbers.map((n) => ({
  query: 'query ($s: Int, $m: ID!) { titles(first: 2, skip: $s) { name predictedRating(memberId: $m) } }',
  variables: { s: 3 * n, m: String(12 + n) },
}))

/** Of the whole example. */
export const everything: readonly Question[] = numbers.flatMap((n) => [
  ratings[n],
  { query: 'query ($s: Int) { payments(first: 2, skip: $s) { risk { probability } } }', variables: { s: n } },
  { query: 'query ($s: Int) { messages(first: 2, skip: $s) { abuse { label } } }', variables: { s: n } },
  names[n],
])
