import type { GraphQLField, GraphQLObjectType } from 'graphql'
import { isPrediction } from '../sdl/subgraph'
import type { Site } from './site'

/** The fields of a prediction's object that outputs fill: those without a resolver or a prediction of their own. */
export function outputFields(site: Site, type: GraphQLObjectType): GraphQLField<unknown, unknown>[] {
  return Object.values(type.getFields()).filter(
    (field) =>
      !isPrediction(field) && site.catalog.hasResolver?.(site.subgraph.name, type.name, field.name) !== true,
  )
}
