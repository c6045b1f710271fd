import { type ExecutionResult, type GraphQLSchema, getVariableValues } from 'graphql'
import type { ClientRequest } from '../lib/clientRequest'
import type { Clock } from '../lib/clock'
import type { CompiledOperation } from './compileOperation'
import { introspect } from './introspection'
import { PlanRun } from './planRun'
import { mergeInto } from './responseData'

/**
 * Runs a compiled operation for one client request. Wrong variables are answered with errors and without `data`; lists
 * in them that are too long are thrown, as LIST_TOO_LONG.
 */
export async function executePlan(
  operation: CompiledOperation,
  variables: Readonly<Record<string, unknown>>,
  request: ClientRequest,
  schema: GraphQLSchema,
  clock: Clock,
): Promise<ExecutionResult> {
  operation.checkVariableLists?.(variables)
  const { coerced, errors: variableErrors } = getVariableValues(
    schema,
    operation.definition.variableDefinitions ?? [],
    variables,
    { maxErrors: 50 },
  )
  if (variableErrors) return { errors: variableErrors }

  const run = new PlanRun(request, coerced, clock)
  try {
    if (operation.introspection !== undefined) {
      mergeInto(run.data, introspect(schema, operation.introspection, coerced))
    }
    await operation.plan?.(run)
  } finally {
    run.dispose()
  }
  const { data, errors } = operation.shape.shape(run)
  return errors.length === 0 ? { data } : { data, errors }
}
