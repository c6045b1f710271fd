import { QueryPlanner } from '@graphql-hive/router-query-planner'
import { buildSchema, type GraphQLSchema, isObjectType } from 'graphql'
import { operationTo } from './operationTo'
import type { Plan } from './plan'

/** Plans one operation for each prediction field that clients can see; yields the problems. */
export function planFields(supergraphSdl: string, plan: Plan): string[] {
  let planner: QueryPlanner
  try {
    planner = new QueryPlanner(supergraphSdl)
  } catch (error) {
    return [`supergraph: must be one that the query planner takes, got: ${(error as Error).message}`]
  }
  // What clients see: the planner adds the introspection fields by themselves, which no validation takes twice.
  const schema = buildSchema(planner.consumerSchema, { assumeValid: true, assumeValidSDL: true })
  const coordinates = new Set(plan.fields.map((field) => field.coordinate))
  return [...coordinates].flatMap((coordinate) => planField(planner, schema, coordinate))
}

function planField(planner: QueryPlanner, schema: GraphQLSchema, coordinate: string): string[] {
  const [typeName, fieldName] = coordinate.split('.')
  const type = schema.getType(typeName)
  // @inaccessible: other subgraphs may require the field, no client asks for it.
  if (!isObjectType(type) || type.getFields()[fieldName] === undefined) return []
  const operation = operationTo(schema, type, type.getFields()[fieldName])
  if (operation === undefined) {
    return [
      `supergraph: ${coordinate} must be reachable from ${schema.getQueryType()?.name}, got no path to ${typeName}`,
    ]
  }
  try {
    planner.plan(operation, null, new Set(), 0)
    return []
  } catch (error) {
    return [`supergraph: ${coordinate} must be one that can be planned, got: ${(error as Error).message}`]
  }
}
