import { isObjectType } from 'graphql'
import { createOperationCheck, type OperationCheck } from '../../federation/operationCheck'
import type { Plan } from '../fields/plan'
import { operationTo } from './operationTo'

/** Plans one operation for each prediction field that clients can see. Returns the problems. */
export function planFields(supergraphSdl: string, plan: Plan): string[] {
  const check = createOperationCheck(supergraphSdl)
  const coordinates = new Set(plan.fields.map((field) => field.coordinate))
  return [...coordinates].flatMap((coordinate) => planField(check, coordinate))
}

function planField({ schema, problemOf }: OperationCheck, coordinate: string): string[] {
  const [typeName, fieldName] = coordinate.split('.')
  const type = schema.getType(typeName)
  // The field is @inaccessible: other subgraphs may require it, but no client selects it.
  if (!isObjectType(type) || type.getFields()[fieldName] === undefined) return []
  const operation = operationTo(schema, type, type.getFields()[fieldName])
  if (operation === undefined) {
    return [
      `supergraph: ${coordinate} must be reachable from a query or mutation, got no path to ${typeName}`,
    ]
  }
  const problem = problemOf(operation)
  return problem === undefined
    ? []
    : [`supergraph: ${coordinate} must be one that can be planned, got: ${problem}`]
}
