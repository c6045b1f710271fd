/** One question of the bench: an operation for Presage that a hand-written endpoint answers with the same body. */
export interface BenchCase {
  readonly name: string
  readonly title: string
  /** Predictions a request. */
  readonly rows: number
  /** The model versions that all use, for people. */
  readonly model: string
  readonly models: readonly ModelUse[]
  /** What is asked; those who answer one question each go by it. */
  readonly endpoint: Endpoint
  readonly query: string
  /** Variables of the nth request: they change from one to the next unless the case is about that. */
  variables(n: number): Record<string, unknown>
  /** The nth request's text, where it is another each time. Its variables are the same as with `query`. */
  text?(n: number): string
  /** With which peers it runs where nothing is named, beside the floors; without this it does not. */
  readonly usual?: 'all' | readonly string[]
}

export type Endpoint = 'messages' | 'titles' | 'members' | 'five'

/** A version of the example that answers an objective, and its rows in a request. */
export interface ModelUse {
  readonly objective: string
  /** `name@version` */
  readonly model: string
  readonly rows: number
}

const MESSAGES = 300
const TITLES = 9066
const MEMBERS = 671

/** Of the 300 messages so many at most that pages can differ. */
const MOST_MESSAGES = 250

const trees = 'abuse-score@2'
const linear = 'abuse-score@1'
const factors = 'rating-predictor@3'
const content = 'rating-predictor@4'
/** What the example's own rules do not lead to. */
const older = [linear, factors]

const gateways = ['stock-gateway', 'hive-gateway']

export const cases: readonly BenchCase[] = [
  titles(1, content),
  titles(10, content),
  { ...titles(100, content), usual: 'all' },
  { ...titles(1000, content), usual: 'all' },
  { ...titles(100, factors, 'factors-'), usual: [] },
  titles(1000, factors, 'factors-'),
  sameVariables(titles(100, content, 'same-')),
  otherText(titles(100, content, 'texts-')),
  messages(1, trees),
  messages(10, trees),
  { ...messages(100, trees), usual: [] },
  messages(MOST_MESSAGES, trees),
  { ...messages(1, linear, 'linear-'), usual: 'all' },
  messages(10, linear, 'linear-'),
  { ...messages(100, linear, 'linear-'), usual: [] },
  messages(MOST_MESSAGES, linear, 'linear-'),
  members(1),
  members(10),
  members(100),
  { ...five(50), usual: gateways },
]

function messages(rows: number, model: string, kind = ''): BenchCase {
  return {
    name: `messages-${kind}${rows}`,
    title: `messages(first: ${rows}) with abuse, one subgraph`,
    ...using([{ objective: 'ABUSE_SCORE', model, rows }]),
    endpoint: 'messages',
    query: 'query ($n: Int!, $s: Int) { messages(first: $n, skip: $s) { id abuse { probability } } }',
    variables: (n) => ({ n: rows, s: (n * 7) % (MESSAGES - rows + 1) }),
  }
}

function titles(rows: number, model: string, kind = ''): BenchCase {
  return {
    name: `titles-${kind}${rows}`,
    title: `titles(first: ${rows}) with predictedRating, two subgraphs with @requires`,
    ...using([{ objective: 'PREDICT_RATING', model, rows }]),
    endpoint: 'titles',
    query:
      'query ($n: Int!, $s: Int, $m: ID!) { titles(first: $n, skip: $s) { id predictedRating(memberId: $m) } }',
    variables: (n) => ({ n: rows, s: (n * 131) % (TITLES - rows + 1), m: String(1 + (n % MEMBERS)) }),
  }
}

/** The recommender: ten titles for each member, of their likes and without what they have rated. */
function members(rows: number): BenchCase {
  return {
    name: `members-${rows}`,
    title: `members(first: ${rows}) with recommendedTitles, two subgraphs with @requires`,
    ...using([{ objective: 'RECOMMEND_TITLES', model: 'title-recommender@3', rows }]),
    endpoint: 'members',
    query:
      'query ($n: Int!, $s: Int) { members(first: $n, skip: $s) { id recommendedTitles(first: 10) { title { id } score } } }',
    variables: (n) => ({ n: rows, s: (n * 31) % (MEMBERS - rows + 1) }),
  }
}

/** A graph of the bench's own, in `bench/five`: two subgraphs that know things, and three that predict. */
function five(entities: number): BenchCase {
  return {
    name: `five-${entities}`,
    title: `titles(first: ${entities}) with 3 prediction fields, five subgraphs`,
    ...using([
      { objective: 'PREDICT_RATING', model: content, rows: entities },
      { objective: 'ABUSE_SCORE', model: trees, rows: entities },
      { objective: 'PAYMENT_RISK', model: 'payment-risk@3', rows: entities },
    ]),
    endpoint: 'five',
    query: `query ($n: Int!, $s: Int, $m: ID!) {
      titles(first: $n, skip: $s) {
        id name copies predictedRating(memberId: $m)
        review { id abuse { probability } } rental { id risk { probability } }
      }
    }`,
    variables: titles(entities, content).variables,
  }
}

/** The same question again and again: whether that is cheaper, which it should not be. */
function sameVariables(one: BenchCase): BenchCase {
  const title = `${one.title}, the same variables in each request`
  return { ...one, title, variables: () => one.variables(5) }
}

/** No text comes twice, as from clients that write values into it: nothing that is kept by text helps. */
function otherText(one: BenchCase): BenchCase {
  const text = (n: number) => {
    const { n: rows, s, m } = one.variables(n)
    return `query Q${n} { titles(first: ${rows}, skip: ${s}) { id predictedRating(memberId: "${m}") } }`
  }
  return { ...one, title: `${one.title}, another text in each request`, text }
}

function using(models: readonly ModelUse[]): Pick<BenchCase, 'models' | 'model' | 'rows'> {
  return {
    models,
    model: models.map(({ model }) => model).join(', '),
    rows: models.reduce((sum, { rows }) => sum + rows, 0),
  }
}

/** The model version of a case that answers each objective. */
export function modelsOf({ models }: BenchCase): Readonly<Record<string, string>> {
  return Object.fromEntries(models.map(({ objective, model }) => [objective, model]))
}

/** Those that the deployment of `presage.yaml` answers as it is; the others take other models, limits, or another graph. */
export const exampleCases = cases.filter(({ endpoint, models, text }) => {
  return endpoint !== 'five' && text === undefined && models.every(({ model }) => !older.includes(model))
})

/** The cases that a name stands for: its own, or all whose name begins with it (`titles`). */
export function pickCases(names: readonly string[]): readonly BenchCase[] {
  return cases.filter(({ name }) => names.some((one) => name === one || name.startsWith(`${one}-`)))
}
