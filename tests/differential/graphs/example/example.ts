import type { Graph } from '../graph'
import { literalOf } from '../representations'
import { startDeployment } from './deployment'
import { buildOneSchema } from './oneSchema'

/**
 * The example service of this repository, with its own data, rules and models. Nothing fails by a fault; pages that are none, inputs that
 * a model refuses and mutations do.
 *
 * Every field of it is asked. What could answer otherwise a moment later is held still: files and rules are not followed, and mutations
 * are off, so that each is refused. No rule of the example draws by chance or has a shadow.
 */
export const example = {
  name: 'example',
  /** Its resolvers need to know more of a request than headers, and one schema says where predictions stand. */
  targets: ['local', 'split', 'http'],
  async start(): Promise<Graph> {
    const deployment = await startDeployment()
    const { supergraphSdl, subgraphs, close } = deployment
    return {
      name: 'example',
      ...exampleSamples,
      whole: buildOneSchema(deployment),
      subgraphs,
      supergraphSdl,
      supergraphAt: unasked,
      samplesOf: unasked,
      close,
    }
  },
}

function unasked(): never {
  throw new Error('the graph example is asked of local, split and http only')
}

const pages = [0, ...[1, 2, 3, 4, 5].flatMap((size) => [size, size, size, size]), -1, 1001]
const titleIds = ['1', '2', '6', '356', '318', '260', '296', '593', '2571', '99999999', 'none']
const memberIds = ['1', '9', '12', '15', '27', '300', '500', '671', '672', 'none']
const rows = ['1', '2', '17', '300', '4454', '4601', '99999', 'none']

const contexts = [{ member: '12', country: 'DE' }, { device: 'tv', surface: 'home' }, { no: 'such' }]
const inputs = [{ memberId: '12', titleId: '356' }, { text: 'matrix', limit: 2 }, { no: 'such' }]
const features = [
  {
    ...{ seniority: 3, home: 'rent', time: 60, age: 32, marital: 'single', records: 'no', job: 'fixed' },
    ...{ expenses: 50, income: null, assets: 0, debt: 0, amount: 1100, price: 1226 },
  },
  { memberId: '12', titleId: '356', genres: ['Comedy', 'None'], year: 1994 },
  { text: 'teh godfathr', limit: 3 },
  { history: ['1', '260'], limit: 2 },
]
const odd = [null, 1, 'text', true, [], {}, [1.5, { a: null }]]
const jsonValues = [...contexts, ...inputs, ...features, ...features, ...odd]

export const exampleSamples: Pick<Graph, 'samples' | 'literals' | 'variableValues' | 'always' | 'often'> = {
  // Else a list has all that there is, and its predictions are thousands.
  always: new Set(['titles.first', 'members.first', 'history.first', 'payments.first', 'messages.first']),
  // What takes several subgraphs, or a model.
  often: new Set([
    ...['titles', 'title', 'member', 'members', 'payments', 'messages', 'searchTitles'].map(ofQuery),
    ...[
      'Title.predictedRating',
      'Member.recommendedTitles',
      'Member.history',
      'Payment.risk',
      'Message.abuse',
    ],
    ...['Rating.title', 'RecommendedTitle.title', 'SearchResult.title'],
  ]),
  samples: {
    ids: titleIds,
    'title.id': titleIds,
    'member.id': memberIds,
    memberId: memberIds,
    'payment.id': rows,
    'message.id': rows,
    first: pages,
    'recommendedTitles.first': [1, 2, 3, 4, 5, 50, 51, 0, -1],
    'searchTitles.first': [1, 2, 3, 5, 10, 11, 0],
    skip: [0, 0, 1, 1, 2, 3, 3, 20, 20, 100, 660, 10_000, -1],
    text: ['teh godfathr', 'Matrix, The', 'star', 'zzzz', '', '?!', '千と千尋'],
    seniority: [0, 3, 12, 40],
    home: ['rent', 'owner', 'parents', 'tent'],
    time: [6, 36, 60],
    age: [18, 32, 68],
    marital: ['single', 'married', 'widow', 'unsaid'],
    records: ['yes', 'no', 'perhaps'],
    job: ['fixed', 'partime', 'freelance', 'others', ''],
    expenses: [35, 60.5, 0],
    income: [108, 0, 2500.25],
    assets: [0, 3000, 100_000],
    debt: [0, 1500],
    amount: [100, 1100, 5000],
    price: [105, 1226.5, 11_140],
    objective: ['PREDICT_RATING', 'RECOMMEND_TITLES', 'SEARCH_TITLES', 'PAYMENT_RISK', 'ABUSE_SCORE', 'NONE'],
    shard: ['main', 'main', 'none'],
    model: [
      'payment-risk@2',
      'payment-risk',
      'rating-predictor@4',
      'title-search',
      'title-recommender@1',
      'none',
    ],
    limit: [50, 1, 0, -1],
    rules: ['', '{}', 'objectives: {}'],
    number: [0, 1, 2],
    expected: [0, 1],
    quorum: [0.5, 1, 2],
  },
  literals: { JSON: jsonValues.map(literalOf) },
  variableValues: { JSON: jsonValues },
}

function ofQuery(field: string): string {
  return `Query.${field}`
}
