import { join } from 'node:path'
import { type Config, loadConfig } from '../../../cli/config/config'
import { checkSubgraphs, composeGraph } from '../../../cli/graph/graph'
import { LoadError } from '../../../lib/errors'
import { packageRoot } from '../../../lib/packagePaths'
import { source, subgraph } from '../../schema/fixture'

const config = loadConfig(join(packageRoot, 'presage.yaml'))
const sources = [
  subgraph(
    'ratings',
    `type Query { rated(memberId: ID!, titleId: ID!, genres: [String!]!): Rated @predict(objective: "PREDICT_RATING") }
type Rated { rating: Float }`,
  ),
  source('hello', 'type Query { hello: String }'),
]

function problemsOf(change: Partial<Config>): readonly string[] {
  try {
    composeGraph({ ...config, ...change }, checkSubgraphs(config, new Map(), sources))
  } catch (error) {
    if (error instanceof LoadError) return error.problems
    throw error
  }
  return []
}

it('refuses settings of the gateway for a subgraph that is not in the graph', () => {
  const settings = (names: readonly string[]) => ({
    gateway: { ...config.gateway, subgraphs: Object.fromEntries(names.map((name) => [name, {}])) },
  })
  expect(problemsOf(settings(['ratings', 'hello']))).toEqual([])
  expect(problemsOf(settings(['ratingz', 'hello']))).toEqual([
    expect.stringMatching(
      /presage\.yaml\S*: gateway\.subgraphs\.ratingz: must be a subgraph of the supergraph \(ratings, hello\), got ratingz; did you mean "ratings"\?$/,
    ),
  ])
})
