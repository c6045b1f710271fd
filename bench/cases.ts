/** One question of the bench: an operation for Presage that a hand-written endpoint answers with the same body. */
export interface BenchCase {
  readonly name: string
  readonly title: string
  /** Predictions a request. */
  readonly rows: number
  /** Model version that both use, and where its graph lies, relative to the package. */
  readonly model: string
  readonly graph: string
  readonly endpoint: 'messages' | 'titles'
  readonly query: string
  /** Variables of the nth request: they change from one to the next, so that nothing can be reused. */
  variables(n: number): Record<string, unknown>
}

const MESSAGES = 300
const TITLES = 9066
const MEMBERS = 671

/** Of the 300 messages so many at most that pages can differ. */
const MOST_MESSAGES = 250

export const cases: readonly BenchCase[] = [
  messages(1),
  titles(1),
  messages(100),
  titles(100),
  messages(MOST_MESSAGES),
  titles(1000),
]

function messages(rows: number): BenchCase {
  return {
    name: `messages-${rows}`,
    title: `messages(first: ${rows}) with abuse, one subgraph`,
    rows,
    model: 'abuse-score@2',
    graph: 'examples/streaming/models/abuse-score/2/model.onnx',
    endpoint: 'messages',
    query: 'query ($n: Int!, $s: Int) { messages(first: $n, skip: $s) { id abuse { probability } } }',
    variables: (n) => ({ n: rows, s: (n * 7) % (MESSAGES - rows + 1) }),
  }
}

function titles(rows: number): BenchCase {
  return {
    name: `titles-${rows}`,
    title: `titles(first: ${rows}) with predictedRating, two subgraphs with @requires`,
    rows,
    model: 'rating-predictor@4',
    graph: 'examples/streaming/movielens/models/rating-predictor/4/model.onnx',
    endpoint: 'titles',
    query:
      'query ($n: Int!, $s: Int, $m: ID!) { titles(first: $n, skip: $s) { id predictedRating(memberId: $m) } }',
    variables: (n) => ({ n: rows, s: (n * 131) % (TITLES - rows + 1), m: String(1 + (n % MEMBERS)) }),
  }
}

/** The cases that a name stands for: its own, or all whose name begins with it (`titles`). */
export function pickCases(names: readonly string[]): readonly BenchCase[] {
  return cases.filter(({ name }) => names.some((one) => name === one || name.startsWith(`${one}-`)))
}
