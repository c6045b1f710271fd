import { parse } from 'graphql'
import { findsEntities } from '../../../lib/execution/entityField'
import { buildPredictionSubgraph, type SubgraphResolvers } from '../../../serving/fields/subgraphSchema'
import type { PredictionRuntime } from '../../../serving/requests/predictionRuntime'
import { linkFederation } from '../../gateway/federate'

const sdl = 'type Thing @key(fields: "id") { id: ID! } type Query { none: Int }'

function entitiesOf(resolvers: SubgraphResolvers, text = sdl) {
  const document = parse(`${linkFederation} ${text}`)
  const schema = buildPredictionSubgraph(document, resolvers, [], {} as PredictionRuntime)
  return schema.getQueryType()!.getFields()._entities
}

it('tells that `_entities` is the subgraph library’s, whatever the query type is called', () => {
  expect(findsEntities(entitiesOf({})?.resolve)).toBe(true)
  const renamed = `schema { query: Root } ${sdl.replace('Query', 'Root')}`
  expect(findsEntities(entitiesOf({ Thing: { __resolveReference: () => null } }, renamed)?.resolve)).toBe(
    true,
  )
})

it.each<SubgraphResolvers>([
  { Query: { _entities: () => [] } },
  { _Entity: { __resolveType: () => 'Thing' } },
])('does not where a team replaces it', (resolvers) => {
  expect(findsEntities(entitiesOf(resolvers)?.resolve)).toBe(false)
})

it('has no entities where the SDL has none', () => {
  expect(entitiesOf({}, 'type Query { none: Int }')).toBeUndefined()
})
