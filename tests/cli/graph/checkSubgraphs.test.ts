import { join } from 'node:path'
import { loadConfig } from '../../../cli/config/config'
import { checkSubgraphs } from '../../../cli/graph/graph'
import { readRepositories } from '../../../cli/graph/repositories'
import type { ResolversBySubgraph } from '../../../cli/graph/subgraphResolvers'
import { readTextFile } from '../../../lib/files/readTextFile'
import { packageRoot } from '../../../lib/packagePaths'
import { parseRuleSet } from '../../../routing/parse/parseRuleSet'
import { source, subgraph } from '../../schema/fixture'

const config = loadConfig(join(packageRoot, 'presage.yaml'))
const sources = [
  subgraph(
    'ratings',
    `type Query { rated(memberId: ID!, titleId: ID!, genres: [String!]!): Rated @predict(objective: "PREDICT_RATING") }
type Rated { rating: Float stars: String }`,
  ),
  source('hello', 'type Query { hello: String }'),
]
const hello = { Query: { hello: () => 'hello' } }
const check = (resolvers: ResolversBySubgraph) => checkSubgraphs(config, resolvers, sources).plan.fields

describe('a prediction object of which one field is no output', () => {
  const refused = /Rated.stars must be an output of PREDICT_RATING/

  it('needs a resolver where the resolvers of its subgraph are known', () => {
    const stars = { Rated: { stars: () => '***' } }
    expect(check(new Map([['ratings', stars]]))).toMatchObject([{ outputs: [{ name: 'rating' }] }])
    expect(() => check(new Map([['ratings', {}]]))).toThrow(refused)
  })

  it('is left to its own process where another subgraph is served alone', () => {
    expect(check(new Map([['hello', hello]]))).toMatchObject([
      { coordinate: 'Query.rated', outputs: [{ name: 'rating' }] },
    ])
  })
})

it('warns of each version of the rules that a changed contract made unfit', () => {
  const repository = readRepositories(config)
  const rating = repository.objectives.get('PREDICT_RATING')!
  const confidence = { name: 'confidence', type: { kind: 'Float' } } as const
  const changed = { ...rating, outputs: [...rating.outputs, confidence] }
  const objectives = new Map([...repository.objectives, ['PREDICT_RATING', changed]])
  const ruleSet = parseRuleSet(readTextFile(config.rules), 'rules.yaml')
  const known = { ruleSet, repository: { ...repository, objectives } }
  const { report } = checkSubgraphs(config, new Map(), sources, known)
  expect(report).toContainEqual(
    expect.stringMatching(
      /^warning: .*objectives\.PREDICT_RATING\.default: rating-predictor@\d is not fit to serve, so it predicts nothing: serves PREDICT_RATING: output confidence: must be provided for PREDICT_RATING, got rating/,
    ),
  )
  expect(checkSubgraphs(config, new Map(), sources).report.join()).not.toContain('not fit')
})
