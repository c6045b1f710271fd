import { join } from 'node:path'
import { loadConfig } from '../../../cli/config/config'
import { checkSubgraphs } from '../../../cli/graph/graph'
import type { ResolversBySubgraph } from '../../../cli/graph/subgraphResolvers'
import { packageRoot } from '../../../lib/packagePaths'
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
