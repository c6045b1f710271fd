import { compilePlan } from '../../../schema/compile/compilePlan'
import { composeSupergraph } from '../../../schema/composition/composeSupergraph'
import { withPredictDirective } from '../../../schema/sdl/predictDirective'
import { buildPredictionSubgraph } from '../../../serving/fields/subgraphSchema'
import type { PredictionRuntime } from '../../../serving/requests/predictionRuntime'
import { catalog, source } from '../fixture'

/** As strawberry-graphql prints it. */
const printed = (version: string, field = '') =>
  source(
    'crm',
    `schema @link(url: "https://specs.apollo.dev/federation/${version}", import: ["@key"]) {
  query: Query
}
type Customer @key(fields: "id") { id: ID! age: Float }
type Query {
  _entities(representations: [_Any!]!): [_Entity]!
  _service: _Service!
  ${field}
}
scalar _Any
union _Entity = Customer
type _Service { sdl: String! }
`,
  )
const compose = (crm = printed('v2.9')) => {
  const sources = [crm, source('other', 'type Query { other: Int }')]
  return composeSupergraph(sources, compilePlan(sources, catalog()))
}

describe('a subgraph whose SDL lists the fields that federation adds', () => {
  it.each([
    ['beside others', 'customers: [Customer!]!'],
    ['alone', ''],
  ])('composes without them: %s', (_, field) => {
    const supergraph = compose(printed('v2.9', field))
    expect(supergraph).toContain('age: Float')
    expect(supergraph).not.toContain('_service')
  })

  it('is served with them once', () => {
    const { document } = withPredictDirective(printed('v2.9'))
    const schema = buildPredictionSubgraph(document, {}, [], {} as PredictionRuntime)
    expect(Object.keys(schema.getQueryType()!.getFields())).toEqual(['_entities', '_service'])
  })
})

it.each(['v2.10', 'v2.11', 'v2.12', 'v2.15'])(
  'a link to federation %s composes as one to v2.9',
  (version) => {
    const newer = printed(version, 'customers: [Customer!]!')
    expect(compose(newer)).toBe(compose(printed('v2.9', 'customers: [Customer!]!')))
    expect(withPredictDirective(newer).sdl).toContain(`federation/${version}"`)
  },
)

it.each(['v2.16', 'v3.0'])(
  'a link to federation %s is refused with its line, before what comes of it',
  (version) => {
    expect(() => compose(printed(version))).toThrow(
      `subgraphs/crm/schema.graphql:1 @link: must be to federation v2.15 or earlier, got ${version}`,
    )
  },
)
